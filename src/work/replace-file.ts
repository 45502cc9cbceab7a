import { chmod, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, PipelineError } from './errors.js';

/** What a file is to hold. */
type Content = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Writes a file, and makes the folders above it. It is written beside its place and then renamed: where the disk is
 * full or the process is killed, what was there before is still there, whole.
 *
 * @throws PipelineError `file.noSpace`, `file.notWritten`; what an iterable content throws.
 *
 * @example
 * await replaceFile('out/page.html', '<h1>Heels</h1>');
 */
export const replaceFile = (file: string, content: Content, signal?: AbortSignal): Promise<void> =>
  replaceFiles([[file, content]], signal);

/** Writes files that belong together as `replaceFile` does: none is replaced before all are written. */
export async function replaceFiles(
  files: Iterable<readonly [file: string, content: Content]>,
  signal?: AbortSignal,
): Promise<void> {
  const parts: { file: string; part: string; place: string }[] = [];
  try {
    for (const [file, content] of files) {
      await inWords(file, async () => {
        const there = await stat(file).catch(() => undefined);
        // What is no file, like /dev/stdout or a pipe, is written to and never replaced.
        if (there && !there.isFile()) return writeFile(file, content, { signal });
        // A link stays one: the file that it leads to is replaced.
        const place = there ? await realpath(file) : path.resolve(file);
        const part = path.join(path.dirname(place), `.ml-pipeline-${process.pid}-${count++}.part`);
        await mkdir(path.dirname(place), { recursive: true });
        parts.push({ file, part, place });
        await writeFile(part, content, { signal });
        if (there) await chmod(part, there.mode);
      });
    }
    for (const { file, part, place } of parts) await inWords(file, () => rename(part, place));
  } finally {
    await Promise.all(parts.map(({ part }) => rm(part, { force: true })));
  }
}

let count = 0;

/** Whether a file is a part that a process left which was killed while it wrote. */
export function isLeftOver(name: string): boolean {
  const [, pid] = /^\.ml-pipeline-(\d+)-\d+\.part$/.exec(name) ?? [];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Does something with a file, and says in words why it cannot be written. */
export async function inWords<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const { code, syscall } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : {};
    if (syscall === undefined || code === undefined) throw cause;
    const full = ['ENOSPC', 'EDQUOT'].includes(code);
    throw new PipelineError(
      full ? 'file.noSpace' : 'file.notWritten',
      full
        ? `There is no space left for '${file}' (${code}). Free some and run it again, or name a place on another disk.`
        : `'${file}' cannot be written: ${messageOf(cause)}. Name another place, or change its permissions.`,
      { value: file, cause },
    );
  }
}
