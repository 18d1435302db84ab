import { BlockList, isIP, isIPv4 } from 'node:net'

/** Proxies whose word is taken for where a request comes from. */
export interface Proxies {
  /** Whether what this address says of others is believed. */
  trusts(address: string): boolean
  /**
   * Who sent a request that `peer` has passed on: the first address that is no proxy of ours, going back by `X-Forwarded-For`
   * from its right end. What stands to the left of that is whatever the client wrote there.
   */
  senderOf(peer: string, forwardedFor: string | undefined): string
}

/** Throws where one of them is neither an address nor a network in CIDR notation. */
export function createProxies(trusted: readonly string[]): Proxies {
  const networks = new BlockList()
  for (const network of trusted) {
    const [address = '', bits, ...rest] = network.split('/')
    const family = isIP(address)
    const length = Number(bits ?? (family === 4 ? 32 : 128))
    const isNetwork =
      family > 0 && rest.length === 0 && bits !== '' && length >= 0 && length <= (family === 4 ? 32 : 128)
    if (!isNetwork || !Number.isInteger(length))
      throw new Error(`${network} is neither an address nor a network`)
    networks.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  const trusts = (address: string): boolean =>
    trusted.length > 0 && isIP(address) > 0 && networks.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

  return {
    trusts,
    senderOf(peer, forwardedFor) {
      const hops = forwardedFor?.split(',') ?? []
      let sender = peer
      for (let hop = hops.length - 1; hop >= 0 && trusts(sender); hop--) {
        const before = plainAddress(hops[hop]?.trim() ?? '')
        if (isIP(before) === 0) break
        sender = before
      }
      return sender
    },
  }
}

/** Without what proxies write around it, and IPv4 as such also where it came over IPv6. */
export function plainAddress(text: string): string {
  const inner = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(inner)?.[1]
  return mapped ?? inner.replace(/%.*$/, '')
}

/**
 * Whom an address stands for where requests are counted: itself, or of IPv6 the network of 64 bits that is usually given to one
 * customer, who can use a new address for every request.
 */
export function customerOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
