// Help within the parentheses of a call: the function that is called, with its options, below what is known of the name
// at the cursor. tslab knows of the name alone, and between two arguments of nothing.
const { replace, ts } = require('./compiler.cjs');

replace('getQuickInfoAtPosition', (quickInfo) => (file, checker, token, position) => {
  const at = (place) => readable(quickInfo(file, checker, token, place));
  const own = at(position);
  const call = callAround(file, position);
  const called = call && at(call.expression.getEnd());
  if (!called || own?.textSpan.start === called.textSpan.start) return own;
  const { displayParts = [], documentation = [], tags = [] } = called;
  const signature = { text: `${textOf(displayParts)}${optionsOf(call, checker)}` };
  if (!own) return { ...called, displayParts: [signature] };
  const blank = { text: '' };
  const docs = own.documentation?.length > 0 ? [...own.documentation, blank] : [];
  return { ...own, documentation: [...docs, signature, blank, ...documentation], tags };
});

const textOf = (parts) => parts.map(({ text }) => text).join('');

/** The innermost call between whose parentheses a position is, or behind which it is. */
function callAround(file, position) {
  let node = ts.findPrecedingToken(position, file);
  while (node && !ts.isSourceFile(node)) {
    if (ts.isCallOrNewExpression(node) && node.arguments && position >= node.arguments.pos) return node;
    node = node.parent;
  }
  return undefined;
}

/** The options that a call can be given in an object, a line each. */
function optionsOf(call, checker) {
  const parameters = checker.getResolvedSignature(call)?.getParameters() ?? [];
  const lines = parameters
    .filter(({ valueDeclaration }) => valueDeclaration?.questionToken || valueDeclaration?.initializer)
    .map((parameter) => checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(parameter, call)))
    .filter((type) => !checker.isArrayType(type) && type.getCallSignatures().length === 0)
    .filter((type) => type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))
    .flatMap((type) => checker.getPropertiesOfType(type))
    .map((option) => {
      const type = checker.typeToString(checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(option, call)));
      const docs = textOf(option.getDocumentationComment(checker)).replace(/\s+/g, ' ');
      return `\n  ${option.name}: ${type}${docs && `  // ${docs}`}`;
    });
  return lines.length > 0 ? `\n\nOptions:${lines.join('')}` : '';
}

/**
 * Texts without the ends of lines that their source has within a paragraph, and words before what is thrown and an
 * example, which tslab prints bare.
 */
function readable(info) {
  const words = { throws: '\nThrows ', example: '\nFor example:\n' };
  const flow = (text) => (text.includes('```') ? text : text.replace(/(?<=[^\n])\n(?=[^\n\s*-])/g, ' '));
  const tags = info?.tags?.map((tag) => {
    const word = words[tag.name];
    const text = textOf(tag.text ?? []);
    return word && text ? { ...tag, text: [{ text: `${word}${tag.name === 'example' ? text : flow(text)}` }] } : tag;
  });
  return info && { ...info, documentation: info.documentation?.map(({ text }) => ({ text: flow(text) })), tags };
}
