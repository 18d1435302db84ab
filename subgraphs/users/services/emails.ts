const LONGEST = 254 // RFC 5321: what fits between the angle brackets of a path
const LONGEST_LOCAL = 64
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u
const LABEL = /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u

/** The one form in which an address is kept and compared, or null when it is not an e-mail address. */
export function normaliseEmail(text: string): string | null {
  if (text.length > 4 * LONGEST) return null
  const email = text.trim().normalize('NFC').toLowerCase().normalize('NFC')
  const at = email.lastIndexOf('@')
  const local = email.slice(0, at)
  const labels = email.slice(at + 1).split('.')
  const isAddress =
    at > 0 &&
    Buffer.byteLength(email) <= LONGEST &&
    Buffer.byteLength(local) <= LONGEST_LOCAL &&
    LOCAL.test(local) &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  return isAddress ? email : null
}
