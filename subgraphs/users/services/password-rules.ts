import { Refusal } from '#shared/errors.ts'

const SHORTEST = 10
const LONGEST = 256

/** What is tried first by anyone who guesses, of the lengths we take. Compared without case. */
const COMMON = new Set(
  `0000000000 0123456789 01234567890 0987654321 0987654321a 1111111111 1212121212 123123123123 1234512345 1234567890
  12345678900 12345678901 123456789012 123456789a 1234567890a 1234567890q 123456789q 123qweasdzxc 1q2w3e4r5t 1q2w3e4r5t6y
  1qaz2wsx3edc 2222222222 5555555555 6666666666 7777777777 8888888888 9876543210 9999999999 aaaaaaaaaa abc1234567
  abcd123456 abcdefghij administrator asdfasdfasdf asdfghjkl1 asdfghjkl; asdfghjkl123 basketball changeme123
  iloveyou123 iloveyou12 letmein123 letmein1234 liverpool1 manchester mypassword passw0rd123 password01 password10
  password11 password12 password123 password1234 password12345 password123456 passwordpassword princess123 qazwsxedcr
  qazwsxedcrfv qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 q1w2e3r4t5
  q1w2e3r4t5y6 qwer1234qwer spotify123 starwars123 sunshine123 superman123 welcome123 welcome1234 zaq12wsxcde3
  zxcvbnm123 zxcvbnmasd`.split(/\s+/),
)

/** Refuses with PASSWORD_WEAK what is too short, too long, among the first to be guessed, or the address itself. */
export function requireStrongPassword(password: string, email: string): void {
  if (isOverlong(password)) refuse(`Use at most ${LONGEST} characters`)
  const length = [...password.normalize('NFKC')].length
  if (length < SHORTEST || length > LONGEST)
    refuse(`Use ${SHORTEST} to ${LONGEST} characters: a few unrelated words do well`)
  const plain = password.trim().toLowerCase()
  if (plain === email || plain === email.slice(0, email.indexOf('@')))
    refuse('Use something other than your e-mail address: it is the first thing others would try')
  if (COMMON.has(plain) || new Set(plain).size === 1)
    refuse('This password is among the first that others would try: a few unrelated words do better')
}

/** Far more than any password of ours has: not worth normalising, which takes time by the square of it, nor hashing. */
export function isOverlong(password: string): boolean {
  return password.length > 4 * LONGEST
}

function refuse(message: string): never {
  throw new Refusal('PASSWORD_WEAK', message, ['password'])
}
