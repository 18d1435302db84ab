import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kind, parse, print } from 'graphql'
import { decodeJwt } from 'jose'
import { roomAdapter } from '#shared/database.ts'
import { createEmbeddedLog } from '#shared/event-log.ts'
import { newId } from '#shared/id.ts'
import { anonymous, type Identity, identitySchema } from '#shared/identity.ts'
import type { RoomResponse } from '#shared/room.ts'
import { createLogger } from '#shared/telemetry.ts'
import { createTestDatabase } from '#shared/testing/database.ts'
import type { UsersSettings } from '../config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { createUsersRoom, type UsersRoom } from '../server.ts'

export const NOBODY = anonymous('SE')
export const PASSWORD = 'four unrelated words'

/** An answer as a test walks through it: every step exists, and holds what the test then says it holds. */
export type Json = { readonly [key: string]: Json } & readonly Json[] & string & number & boolean

/** Somebody signed in: who the door says they are, and what they hold. */
export interface Person {
  identity: Identity
  userId: string
  email: string
  deviceId: string
  sessionId: string
  refreshToken: string
}

/** The users room over a real, empty database, without the door. */
export interface TestRoom extends AsyncDisposable {
  room: UsersRoom
  db: PrismaClient
  url: string
  home: string
  /** Runs an operation of schema/operations by its name, or a document. */
  ask(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<RoomResponse>
  /** The same, for answers without errors. */
  answer(operation: string, variables?: Record<string, unknown>, identity?: Identity): Promise<Json>
  signUp(email: string, input?: Record<string, unknown>): Promise<Person>
  signIn(email: string, device?: Record<string, unknown>): Promise<Person>
  /** What the room has published, in order. */
  events(topic: string): Promise<Json[]>
  /** Another room says something, as it would. */
  hear(source: string, topic: string, key: string, payload: object): Promise<void>
}

export async function createTestRoom(
  settings: UsersSettings = { CADENZA_PASSWORD_HASHERS: 2, CADENZA_PASSWORD_QUEUE: 20 },
): Promise<TestRoom> {
  const [database, home, operations] = await Promise.all([
    createTestDatabase(),
    mkdtemp(join(tmpdir(), 'cadenza-users-')),
    readOperations(),
  ])
  const { url } = database
  const log = await createEmbeddedLog(url)
  const logger = createLogger('users', 'silent')
  const db = new PrismaClient({ adapter: roomAdapter(url, 'users', 4) })
  const room = await createUsersRoom(
    { databaseUrl: url, log, logger, home, publicUrl: 'http://localhost' },
    settings,
  )
  await room.start()

  const ask: TestRoom['ask'] = (operation, variables = {}, identity = NOBODY) =>
    room.execute({ query: operations.get(operation) ?? operation, variables, identity })
  const answer: TestRoom['answer'] = async (operation, variables, identity) => {
    const { data, errors } = await ask(operation, variables, identity)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return data as Json
  }

  return {
    room,
    db,
    url,
    home,
    ask,
    answer,
    async signUp(email, input = {}) {
      const device = { name: 'Kitchen radio', kind: 'SPEAKER' }
      const account = { email, password: PASSWORD, displayName: 'Ida Holm', country: 'SE', device, ...input }
      const payload = (await answer('SignUp', { input: account }))['signUp']
      return personOf(email, payload)
    },
    async signIn(email, device = {}) {
      const input = { email, password: PASSWORD, device: { name: 'Phone', kind: 'PHONE', ...device } }
      return personOf(email, (await answer('SignIn', { input }))['signIn'])
    },
    events: (topic) =>
      db.$queryRaw<{ payload: Json }[]>`
        SELECT payload FROM outbox WHERE topic = ${topic} ORDER BY xid, seq`.then((rows) =>
        rows.map(({ payload }) => payload),
      ),
    async hear(source, topic, key, payload) {
      const values = [newId('event'), topic, key, JSON.stringify(payload)]
      await db.$executeRawUnsafe(
        `INSERT INTO ${source}.outbox (id, topic, key, payload) VALUES ($1, $2, $3, $4::text::jsonb)`,
        ...values,
      )
      await db.$queryRaw`SELECT pg_notify('outbox', ${source})::text`
    },
    async [Symbol.asyncDispose]() {
      await room.stop()
      await log.close()
      await db.$disconnect()
      await Promise.all([database[Symbol.asyncDispose](), rm(home, { recursive: true })])
    },
  }
}

/** What the door makes of an access token. */
export function identityOf(accessToken: string): Identity {
  const { sub, sid, did, ver, ...claims } = decodeJwt(accessToken)
  return identitySchema.parse({ ...claims, userId: sub, sessionId: sid, deviceId: did, version: ver })
}

function personOf(email: string, payload: Json | undefined): Person {
  const session = payload?.['session']
  if (session == null) throw new Error(JSON.stringify(payload?.['userErrors']))
  const identity = identityOf(session['accessToken'] ?? '')
  return {
    identity,
    email,
    userId: identity.userId ?? '',
    deviceId: identity.deviceId ?? '',
    sessionId: identity.sessionId ?? '',
    refreshToken: session['refreshToken'] ?? '',
  }
}

async function readOperations(): Promise<Map<string, string>> {
  const file = new URL('../../../schema/operations/identity.graphql', import.meta.url)
  const { definitions } = parse(await readFile(file, 'utf8'))
  return new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION ? [[node.name?.value ?? '', print(node)]] : [],
    ),
  )
}
