import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import pg from 'pg'
import { createProducer } from '#shared/kafka/client.ts'
import { messageOf, type OutboxRow } from '#shared/kafka/messages.ts'
import { openLog } from '#shared/open-log.ts'
import { createLogger } from '#shared/telemetry.ts'
import { showProgress } from '../progress.ts'
import { percentile, report } from '../report.ts'
import { openLogHouse } from './house.ts'

const ROUNDS = 5
/** As many as the relay sends at once. */
const PAGE = 1_000
const TOPIC = 'users.account-changed.v1'

/**
 * `npm run bench -- relay [events]`: from the outbox to all replicas of a real Kafka, beside a bare producer of kafkajs that sends the same
 * messages, in batches as large, from memory. In turns, five rounds; medians.
 */
export async function run([count = '50000']: readonly string[]): Promise<void> {
  const events = Number(count)
  await using house = await openLogHouse()
  const client = new pg.Client({ connectionString: house.databaseUrl })
  await client.connect()
  const log = await openLog({
    databaseUrl: house.databaseUrl,
    kafkaBrokers: house.kafka.brokers,
    logger: createLogger('bench', 'warn'),
  })
  const relays = createRelays()
  await fill(client, 1)
  await relays.carry() // the topic is made, and code is warm
  const bare: number[] = []
  const relayed: number[] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    await fill(client, events)
    const messages = await readMessages(client)
    bytes = messages.reduce((sum, { value }) => sum + Buffer.byteLength(value ?? ''), 0) / messages.length
    bare.push(events / (await sendBare(messages)))
    relayed.push(events / (await relays.carry()))
    showProgress('Rounds', round + 1, ROUNDS)
  }
  await log.close()
  await client.end()
  const [own, peer] = [percentile(relayed, 0.5), percentile(bare, 0.5)]
  report('relay: outbox to Kafka', [
    { what: 'events a round', value: events, unit: '' },
    { what: 'bytes of an event', value: bytes, unit: '' },
    { what: 'relay', value: own, unit: 'events/s' },
    { what: 'bare producer', value: peer, unit: 'events/s' },
    { what: 'relay of bare producer', value: (100 * own) / peer, unit: '%' },
  ])

  function createRelays() {
    return {
      /** Seconds until everything in the outbox is carried, by a relay that begins now. */
      async carry(): Promise<number> {
        const relay = log.broker?.createRelay('users')
        const begun = performance.now()
        relay?.start()
        await relay?.caughtUp()
        const seconds = (performance.now() - begun) / 1_000
        await relay?.stop()
        return seconds
      },
    }
  }

  async function sendBare(messages: readonly Message[]): Promise<number> {
    const kafka = new Kafka({ brokers: [house.kafka.brokers], logLevel: logLevel.NOTHING })
    const begun = performance.now()
    const producer: Producer = createProducer(kafka)
    await producer.connect()
    for (let from = 0; from < messages.length; from += PAGE)
      await producer.sendBatch({
        acks: -1,
        topicMessages: [{ topic: TOPIC, messages: messages.slice(from, from + PAGE) }],
      })
    const seconds = (performance.now() - begun) / 1_000
    await producer.disconnect()
    return seconds
  }
}

/** Accounts as the users room says them, of which nothing was carried. */
async function fill(client: pg.Client, count: number): Promise<void> {
  await client.query('TRUNCATE users.outbox')
  await client.query(
    `INSERT INTO users.outbox (id, topic, key, payload)
     SELECT 'event_' || gen_random_uuid(), $1, 'user_' || n % 1000,
            jsonb_build_object('userId', 'user_' || n % 1000, 'displayName', 'Somebody ' || n, 'tier', 'PREMIUM', 'country', 'DE',
                               'role', 'LISTENER', 'artists', '[]'::jsonb, 'version', n)
       FROM generate_series(1, $2::int) AS n`,
    [TOPIC, count],
  )
}

async function readMessages(client: pg.Client): Promise<Message[]> {
  const { rows } = await client.query<OutboxRow>(
    `SELECT id, topic, key, payload::text, (extract(epoch FROM at) * 1000)::bigint::text AS at, xid::text, seq::text
       FROM users.outbox ORDER BY outbox.xid, outbox.seq`,
  )
  return rows.map(messageOf)
}
