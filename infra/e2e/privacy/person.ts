import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'
import { type ApiClient, createApiClient, type Json } from '../../testing/client.ts'

/** Somebody with an account, and all by which they could be known again. */
export interface Person extends ApiClient {
  email: string
  password: string
  /** A word that is in everything they name. */
  word: string
  /** Ids, names, tokens: what may be found nowhere once they are erased. */
  marks: string[]
}

export async function signUpPerson(url: string): Promise<Person> {
  const word = `Zx${randomUUID().replaceAll('-', '')}`
  const person: Person = Object.assign(createApiClient(url), {
    email: `${word}@cadenza.example`.toLowerCase(),
    password: randomUUID(),
    word,
    marks: [word],
  })
  const input = {
    email: person.email,
    password: person.password,
    displayName: `Person ${word}`,
    country: 'SE',
    device: { name: `Phone of ${word}`, kind: 'PHONE', publicKey: `key of ${word}` },
  }
  take(person, (await person.data('SignUp', { input }))['signUp'])
  return person
}

/** One more device; the person speaks by it from then on. */
export async function signInAgain(person: Person): Promise<void> {
  const { email, password, word } = person
  const input = { email, password, device: { name: `Desk of ${word}`, kind: 'DESKTOP' } }
  take(person, (await person.data('SignIn', { input }))['signIn'])
}

export async function refresh(person: Person): Promise<void> {
  const refreshToken = person.marks.filter((mark) => mark.startsWith('rt_')).at(-1)
  take(person, (await person.data('SessionRefresh', { refreshToken }))['sessionRefresh'])
}

function take(person: Person, payload: Json | undefined): void {
  const session = payload?.['session'] as Json
  const [accessToken, refreshToken] = [String(session['accessToken']), String(session['refreshToken'])]
  const { sub, sid, did } = decodeJwt<{ sid: string; did: string }>(accessToken)
  person.token = accessToken
  person.userId = String(sub)
  person.deviceId = did
  person.marks.push(String(sub), sid, did, accessToken, refreshToken)
}
