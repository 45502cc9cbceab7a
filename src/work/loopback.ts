import { BlockList, isIP } from 'node:net';

// It takes IPv6 addresses that stand for IPv4 ones (::ffff:127.0.0.1) for what they stand for.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether a host is this machine by definition: an address of its loopback, `localhost` or a name below it.
 *
 * @param hostname As a `URL` has it: lower case, addresses in their usual form, those of IPv6 in brackets.
 */
export function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  const family = isIP(host);
  return family === 0 ? /(^|\.)localhost$/.test(host) : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** A host without the brackets of an IPv6 address and the dot that may end a name. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
