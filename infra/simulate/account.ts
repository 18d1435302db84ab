import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Json } from '../testing/client.ts'
import { operation } from '../testing/operations.ts'

export interface OwnDevice {
  id: string
  kind: string
}

/** Somebody with an account, who repeats what was cut off until it is answered, word for word. */
export interface Account {
  readonly userId: string
  readonly country: string
  tier: string
  readonly devices: OwnDevice[]
  /** The data of an answer. Throws what no repetition mends. */
  ask(document: string, variables?: object): Promise<Json>
  /** Signs the account in on one more device. */
  addDevice(kind: string): Promise<void>
  /** A new access token, which knows of what has changed since the last. */
  refresh(): Promise<void>
  /** How many requests were repeated. */
  readonly repeats: number
}

export interface SignUp {
  email: string
  displayName: string
  country: string
  device: { id?: string; name: string; kind: string }
}

interface Answer {
  data?: Json
  errors?: { message: string; extensions?: { code?: string } }[]
}

interface Tokens {
  access: string | null
  refresh: string
}

const PASSWORD = 'press play and listen'
const PATIENCE_MS = 600_000
const PAUSE_MS = 200
const LATE_MS = 30_000
/** What is worth another try, by the table of the README. */
const PASSING = new Set(['UNAVAILABLE', 'TIMEOUT', 'INTERNAL_SERVER_ERROR'])

/** The front door, as accounts see it. */
export interface Door {
  signUp(input: SignUp): Promise<Account>
  signIn(email: string, password: string): Promise<Account>
  close(): Promise<void>
}

export function openDoor(url: string): Door {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, {
    connections: 64,
    pipelining: 1,
    headersTimeout: LATE_MS,
    bodyTimeout: LATE_MS,
  })

  async function post(query: string, variables: object, token: string | null): Promise<Answer | null> {
    try {
      const { body } = await pool.request({
        path: pathname,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
      })
      return (await body.json()) as Answer
    } catch {
      return null // cut off, too late, or nobody there
    }
  }

  /** Until there is an answer that repeating does not change. `renew` is asked for a new token where the old one is refused. */
  async function ask(
    document: string,
    variables: object,
    tokens: Tokens,
    renew: () => Promise<void>,
    onRepeat: () => void = () => undefined,
  ): Promise<Json> {
    for (const begun = performance.now(); performance.now() - begun < PATIENCE_MS; onRepeat()) {
      const used = tokens.access
      const answer = await post(document, variables, used)
      const fault = answer?.errors?.[0]
      if (answer !== null && fault === undefined) return answer.data as Json
      const code = fault?.extensions?.code ?? ''
      if (code === 'UNAUTHENTICATED' && used !== null) {
        if (tokens.access === used) await renew()
        continue
      }
      if (code === 'RATE_LIMITED')
        throw new Error(
          `${url} refuses so much from here: start it with RATE_LIMIT_PER_HOUR=1000000000, or with --listeners 1`,
        )
      if (answer !== null && !PASSING.has(code))
        throw new Error(`${url} refuses: ${fault?.message} (${code})`)
      await sleep(PAUSE_MS)
    }
    throw new Error(`${url} does not answer`)
  }

  const never = async (): Promise<void> => {
    throw new Error(`${url} refuses its own token`)
  }

  async function enter(name: 'SignUp' | 'SignIn', input: object): Promise<{ session: Json; tokens: Tokens }> {
    const tokens: Tokens = { access: null, refresh: '' }
    const payload = (await ask(operation(name), { input }, tokens, never))[
      name === 'SignUp' ? 'signUp' : 'signIn'
    ]
    const session = payload?.['session']
    if (!session) throw new Error(`${url} refuses: ${String(payload?.['userErrors']?.[0]?.['message'])}`)
    return { session, tokens: keep(tokens, session) }
  }

  function accountOf(
    email: string,
    password: string,
    entered: Awaited<ReturnType<typeof enter>>,
    device: OwnDevice,
    country: string,
  ): Account {
    const { tokens, session } = entered
    let renewing: Promise<void> | null = null
    const state = { repeats: 0, tier: String(session['user']?.['tier'] ?? 'FREE') }
    const account: Account = {
      userId: String(session['user']?.['id']),
      country,
      devices: [device],
      get repeats() {
        return state.repeats
      },
      get tier() {
        return state.tier
      },
      set tier(tier) {
        state.tier = tier
      },
      ask: (document, variables = {}) =>
        ask(document, variables, tokens, account.refresh, () => state.repeats++),
      refresh() {
        renewing ??= renew().finally(() => {
          renewing = null
        })
        return renewing
      },
      async addDevice(kind) {
        const { session } = await enter('SignIn', { email, password, device: { name: kind, kind } })
        account.devices.push({ id: String(session['device']?.['id']), kind })
      },
    }
    async function renew(): Promise<void> {
      const none: Tokens = { access: null, refresh: '' }
      const { sessionRefresh } = await ask(
        operation('SessionRefresh'),
        { refreshToken: tokens.refresh },
        none,
        never,
      )
      // Its answer may have been cut off, and come back too late: then the password says who it is.
      const session =
        sessionRefresh?.['session'] ??
        (
          await enter('SignIn', {
            email,
            password,
            device: { id: device.id, name: device.kind, kind: device.kind },
          })
        ).session
      keep(tokens, session)
    }
    return account
  }

  return {
    async signUp({ email, displayName, country, device }) {
      const account = { email, password: PASSWORD, displayName, country, device }
      // Where the answer was cut off, there is the account already: then its password says whose it is.
      const entered = await enter('SignUp', account).catch(() =>
        enter('SignIn', { email, password: PASSWORD, device }),
      )
      const own = { id: String(entered.session['device']?.['id']), kind: device.kind }
      return accountOf(email, PASSWORD, entered, own, country)
    },
    async signIn(email, password) {
      const entered = await enter('SignIn', { email, password, device: { name: 'Simulator', kind: 'OTHER' } })
      return accountOf(
        email,
        password,
        entered,
        { id: String(entered.session['device']?.['id']), kind: 'OTHER' },
        '',
      )
    },
    close: () => pool.close(),
  }
}

function keep(tokens: Tokens, session: Json): Tokens {
  tokens.access = String(session['accessToken'])
  tokens.refresh = String(session['refreshToken'])
  return tokens
}
