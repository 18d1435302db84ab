import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { freePort } from '../../../infra/standalone/postgres.ts'
import type { KafkaSecurity } from '../kafka/security.ts'
import { securityProperties } from './kafka-security.ts'

/** Where .ci/run puts the server's jars. */
const JARS = resolve('.cadenza/maven/kafka')

/** Tests that need the real thing are skipped by name where it is not installed. */
export const HAS_KAFKA = existsSync(JARS) && spawnSync('java', ['-version']).status === 0

/** How long it may take to start on a busy machine. */
export const START_MS = 240_000
const CLUSTER = 'Y2FkZW56YS10ZXN0cy0wMQ'

/** A real Kafka of one node (KRaft) on ports of its own. */
export interface TestKafka extends AsyncDisposable {
  brokers: string
  /** Of its certificate (PEM), where it is secured. */
  caFile: string
  pid(): number
  isAlive(): boolean
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again, on the same ports, with what it had. */
  start(): Promise<void>
}

/** With somebody given it speaks TLS under a certificate of its own, and lets nobody else in (SASL/PLAIN). */
export async function startKafka(who?: { username: string; password: string }): Promise<TestKafka> {
  const [port, controller] = [await freePort(), await freePort()]
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-kafka-'))
  const brokers = `127.0.0.1:${port}`
  const file = join(folder, 'server.properties')
  const caFile = join(folder, 'ca.pem')
  const properties = {
    ...propertiesOf(folder, brokers, `127.0.0.1:${controller}`, who === undefined ? 'PLAINTEXT' : 'SASL_SSL'),
    ...(who !== undefined && securityProperties(folder, caFile, who)),
  }
  const lines = Object.entries(properties).map((pair) => `${pair.join('=')}\n`)
  await writeFile(file, lines.join(''))
  const security = who && {
    ssl: { ca: await readFile(caFile, 'utf8') },
    sasl: { mechanism: 'plain', ...who } as const,
  }
  const format = run(['-Xmx128m'], 'kafka.tools.StorageTool', ['format', '-t', CLUSTER, '-c', file])
  const [code] = await once(format, 'exit')
  if (code !== 0) throw new Error(`Kafka's folder could not be made: ${code}`)
  let child: ChildProcess

  async function start(): Promise<void> {
    // For a short life: the simplest collector, and only the first compiler.
    child = run(['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'], 'kafka.Kafka', [file])
    await untilAnswers(brokers, security, child).catch(async (error: unknown) => {
      await kill() // it would outlive us
      throw error
    })
  }
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null

  async function kill(): Promise<void> {
    if (!isAlive()) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  await start()
  return {
    brokers,
    caFile,
    pid: () => child.pid ?? 0,
    isAlive,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function propertiesOf(folder: string, broker: string, controller: string, protocol: string) {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `${protocol}://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `${protocol}://${broker}`,
    'inter.broker.listener.name': protocol,
    'listener.security.protocol.map': `${protocol}:${protocol},CONTROLLER:PLAINTEXT`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
}

function run(flags: readonly string[], main: string, args: readonly string[]): ChildProcess {
  return spawn('java', [...flags, '-cp', join(JARS, '*'), main, ...args], { stdio: 'ignore' })
}

async function untilAnswers(
  brokers: string,
  security: KafkaSecurity | undefined,
  child: ChildProcess,
): Promise<void> {
  const kafka = new Kafka({
    brokers: [brokers],
    ...security,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  for (const begun = Date.now(); Date.now() - begun < START_MS; ) {
    if (child.exitCode !== null) throw new Error(`Kafka ended with ${child.exitCode}`)
    const admin = kafka.admin()
    try {
      await admin.connect()
      if ((await admin.describeCluster()).brokers.length > 0) return
    } catch {
      await new Promise((again) => setTimeout(again, 100))
    } finally {
      await admin.disconnect()
    }
  }
  throw new Error('Kafka does not answer')
}
