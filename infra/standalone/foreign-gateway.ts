import { watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { createLogger } from '#shared/telemetry.ts'
import { admissionOf, admissionSettings } from '../../gateway/admission-settings.ts'
import { arrivalSettings, arrivalsOf } from '../../gateway/arrival-settings.ts'
import { cachingOf, cachingSettings } from '../../gateway/caching/settings.ts'
import { createForeignDoor } from '../../gateway/foreign.ts'
import type { Limits } from '../../gateway/limits.ts'
import { readTrustedDocuments, type TrustedDocuments } from '../../gateway/persisted-queries.ts'
import { rateOf, rateSettings } from '../../gateway/rate-limit/settings.ts'

const USAGE = `npm run gateway -- --supergraph FILE [options]
  --port N           where to listen (4000)
  --host ADDRESS     on which address (127.0.0.1)
  --keys FILE|URL    JSON Web Key Set that access tokens are verified with; without it every caller is nobody
  --issuer TEXT      what their "iss" has to be
  --audience TEXT    what their "aud" has to be
  --forward NAMES    request headers that subgraphs get to see, with commas between them (authorization)
  --timeout MS       how long a subgraph may take for a query (2000)
  --deadline MS      how long a request may take; what is missing by then is an error (5000)
  --subscriptions HOW  ws (graphql-transport-ws) or sse (graphql-sse): how subgraphs send them (ws)
  --documents FILE   trusted documents: { "<id>": "<document>" } or Apollo's manifest
  --only-documents   nothing else is answered
  --warm-up FILE     remembers what clients ask for, so that it is planned before they ask again
  --rate-limit N     units that a caller may use in an hour; a request takes one, and one more for each 1000 of its cost (none)
  --max-cost N       what a request may cost (100000)
  --max-depth N      how deep it may be (16)
  --max-selections N   how many fields and fragments it may have once fragments are spread (400)
  --max-fetches N    how many requests to subgraphs it may take (40)
  --connections-per-user N     sockets and event streams that one person may hold (50)
  --connections-per-address N  the same for an address (2000)
  --trusted-proxies CIDRS   whose X-Forwarded-For is believed, with commas between them (none)
  --share WHAT       what identical queries that are under way share: nothing, calls (of subgraphs) or answers (calls)
  --entity-cache MB  memory for entities that @cacheControl says may be kept (0)
  --answer-cache MB  memory for whole answers that it says may be kept (0)
  --production       no introspection, no suggestions
  --log LEVEL        fatal, error, warn, info, debug or silent (warn)
A changed FILE is served as soon as it is written; requests and subscriptions that are under way are not disturbed.`

const limit = z.coerce.number().int().min(1).optional()

const settingsSchema = z.object({
  supergraph: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65535).default(4000),
  host: z.string().default('127.0.0.1'),
  keys: z.string().optional(),
  issuer: z.string().optional(),
  audience: z.string().optional(),
  forward: z.string().default('authorization'),
  timeout: z.coerce.number().int().min(100).max(60_000).default(2_000),
  deadline: z.coerce.number().int().min(100).max(60_000).default(5_000),
  subscriptions: z.enum(['ws', 'sse']).default('ws'),
  documents: z.string().optional(),
  'only-documents': z.boolean().default(false),
  'warm-up': z.string().optional(),
  'rate-limit': rateSettings.RATE_LIMIT_PER_HOUR.unwrap().optional(),
  'max-cost': limit,
  'max-depth': limit,
  'max-selections': limit,
  'max-fetches': limit,
  'connections-per-user': admissionSettings.CONNECTIONS_PER_USER,
  'connections-per-address': admissionSettings.CONNECTIONS_PER_ADDRESS,
  'trusted-proxies': arrivalSettings.TRUSTED_PROXIES,
  share: cachingSettings.SHARE,
  'entity-cache': cachingSettings.ENTITY_CACHE_MB.default(0),
  'answer-cache': cachingSettings.ANSWER_CACHE_MB.default(0),
  production: z.boolean().default(false),
  log: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
})

type Settings = z.infer<typeof settingsSchema>

const SWITCHES = new Set(['production', 'only-documents'])

const SEEN_AGAIN_MS = 250

/** Serves any supergraph over HTTP: nothing of Cadenza's rooms is in it. */
export async function serveSupergraph(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`)
    return
  }
  const settings = readSettings(args)
  const logger = createLogger('gateway', settings.log)
  const read = (): Promise<string> => readFile(settings.supergraph, 'utf8')
  const door = await createForeignDoor({
    supergraph: await read(),
    keys: await readKeys(settings.keys),
    issuer: settings.issuer,
    audience: settings.audience,
    forwarded: settings.forward.split(',').flatMap((name) => name.trim().toLowerCase() || []),
    roomTimeoutMs: settings.timeout,
    requestTimeoutMs: settings.deadline,
    subscriptions: settings.subscriptions,
    isProduction: settings.production,
    documents: {
      trusted: await readDocuments(settings.documents),
      isTrustedOnly: settings['only-documents'],
    },
    warmUpFile: settings['warm-up'],
    limits: limitsOf(settings),
    rate: settings['rate-limit'] ? rateOf({ RATE_LIMIT_PER_HOUR: settings['rate-limit'] }) : undefined,
    admission: admissionOf({
      CONNECTIONS_PER_USER: settings['connections-per-user'],
      CONNECTIONS_PER_ADDRESS: settings['connections-per-address'],
    }),
    arrivals: arrivalsOf({ TRUSTED_PROXIES: settings['trusted-proxies'] }),
    caching: cachingOf({
      SHARE: settings.share,
      ENTITY_CACHE_MB: settings['entity-cache'],
      ANSWER_CACHE_MB: settings['answer-cache'],
    }),
    logger,
  })
  watchFile(settings.supergraph, { interval: SEEN_AGAIN_MS, persistent: false }, () => {
    read()
      .then((text) => door.reload(text))
      .then(
        () => logger.info('the supergraph has changed and is served'),
        (error: unknown) => logger.error({ err: error }, 'the changed supergraph cannot be served'),
      )
  })
  const port = await door.listen(settings.port, settings.host)
  process.stdout.write(`The gateway is ready: http://${settings.host}:${port}/graphql\n`)
  const stop = (): void => void door.stop().then(() => process.exit(0))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
}

function readSettings(args: readonly string[]): Settings {
  const options = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((name) => [
      name,
      { type: SWITCHES.has(name) ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  try {
    return settingsSchema.parse(parseArgs({ args: [...args], options }).values)
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new Error(`${why}\n${USAGE}`)
  }
}

function limitsOf(settings: Settings): Partial<Limits> {
  const given = {
    cost: settings['max-cost'],
    depth: settings['max-depth'],
    selections: settings['max-selections'],
    fetches: settings['max-fetches'],
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function readDocuments(file: string | undefined): Promise<TrustedDocuments | undefined> {
  return file === undefined ? undefined : readTrustedDocuments(await readFile(file, 'utf8'))
}

async function readKeys(place: string | undefined): Promise<JSONWebKeySet | URL | null> {
  if (place === undefined) return null
  if (/^https?:/.test(place)) return new URL(place)
  return JSON.parse(await readFile(place, 'utf8')) as JSONWebKeySet
}
