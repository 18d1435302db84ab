import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { cpuMs, residentMb, startOn } from './process.ts'
import { composeShop, QUERIES } from './shop.ts'
import { type Sample, tell } from './table.ts'
import { bundleOurs, installPeers, type Setting, startTarget, TARGETS, type Target } from './targets.ts'

const CONNECTIONS = 50
const SCRIPT = fileURLToPath(new URL('./request.lua', import.meta.url))

/** A query, and how long each subgraph takes to answer it. */
const CASES = {
  Q1: { query: QUERIES.Q1, delayMs: 0 },
  Q2: { query: QUERIES.Q2, delayMs: 0 },
  Q3: { query: QUERIES.Q2, delayMs: 4 },
}
type Case = keyof typeof CASES

/**
 * Ours beside stock Apollo Gateway and Hive Gateway, over the same subgraphs, in rounds that take turns. Processor time a request
 * is what counts: subgraphs and load have the other processor. Options: --targets, --cases (commas between), --rounds, --seconds.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      targets: { type: 'string', default: Object.keys(TARGETS).join(';') },
      cases: { type: 'string', default: Object.keys(CASES).join(';') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '8' },
    },
  })
  const names = values.targets.split(';')
  const cases = values.cases.split(';') as Case[]
  await promisify(execFile)('wrk', ['-v']).catch((error: { code?: unknown }) => {
    if (error.code === 'ENOENT')
      throw new Error('This bench needs wrk and taskset: apt-get install wrk util-linux')
  })
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-bench-'))
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true })]
  try {
    const subgraphs = startOn(0, process.execPath, ['--import', 'tsx', 'infra/bench/gateway/subgraphs.ts'])
    stops.unshift(() => subgraphs.stop())
    while (!subgraphs.output().includes('\n')) await pause(100)
    const urls = new Map(Object.entries(JSON.parse(subgraphs.output()) as Record<string, string>))
    // biome-ignore lint/style/noProcessEnv: the home that everything of this installation is in
    const peers = resolve(process.env['CADENZA_HOME'] ?? '.cadenza', 'bench')
    await bundleOurs()
    if (names.some((name) => name.startsWith('hive'))) await installPeers(peers)
    const setting: Setting = {
      supergraph: join(folder, 'supergraph.graphql'),
      keys: join(folder, 'keys.json'),
      peers,
    }
    await writeFile(setting.supergraph, composeShop(urls))
    const authorization = await writeToken(setting.keys)

    const targets: Target[] = []
    for (const name of names) {
      const target = await startTarget(name, setting)
      stops.unshift(() => target.process.stop())
      targets.push(target)
    }
    await compareAnswers(targets, authorization)
    const samples = new Map<string, Sample[]>()
    const measure = async (target: Target, name: Case, seconds: number): Promise<Sample> => {
      const { query, delayMs } = CASES[name]
      const bodyFile = join(folder, `${name}.json`)
      await writeFile(bodyFile, JSON.stringify({ query }))
      const control = [...urls.values()][0] ?? ''
      await fetch(control, { method: 'PUT', body: String(delayMs) })
      await fetch(control, { method: 'DELETE' })
      const before = cpuMs(target.process.pid)
      const load = await loadOf(target.url, bodyFile, authorization, seconds)
      const used = cpuMs(target.process.pid) - before
      const calls = Number(await (await fetch(control)).text())
      return {
        ...load,
        cpuMs: used / load.requests,
        memoryMb: residentMb(target.process.pid),
        calls: calls / load.requests,
      }
    }
    const rounds = Number(values.rounds)
    for (let round = -1; round < rounds; round++) {
      for (const name of cases) {
        for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
          progress(round, rounds, name, target.name)
          const sample = await measure(target, name, round < 0 ? 4 : Number(values.seconds))
          // The first round warms up.
          if (round >= 0)
            samples.set(`${name} ${target.name}`, [...(samples.get(`${name} ${target.name}`) ?? []), sample])
        }
      }
    }
    tell({ cases, targets: names, connections: CONNECTIONS, samples })
  } finally {
    for (const stop of stops) await stop()
  }
}

/** Whoever answers something else than the others is not compared with them. */
async function compareAnswers(targets: readonly Target[], authorization: string): Promise<void> {
  for (const query of Object.values(QUERIES)) {
    const answers = await Promise.all(
      targets.map(async ({ url }) => {
        const headers = { 'content-type': 'application/json', authorization }
        return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json()
      }),
    )
    for (const [index, answer] of answers.entries()) {
      if (!isDeepStrictEqual(answer, answers[0]))
        throw new Error(`${targets[index]?.name} answers otherwise: ${JSON.stringify(answer).slice(0, 300)}`)
    }
  }
}

async function writeToken(keysFile: string): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  await writeFile(
    keysFile,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'EdDSA' }] }),
  )
  const token = await new SignJWT({ sub: 'somebody' })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'bench' })
    .setExpirationTime('2h')
    .sign(privateKey)
  return `Bearer ${token}`
}

async function loadOf(
  url: string,
  bodyFile: string,
  authorization: string,
  seconds: number,
): Promise<Omit<Sample, 'cpuMs' | 'memoryMb' | 'calls'>> {
  const args = [
    '-c',
    '0',
    'wrk',
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '-s',
    SCRIPT,
    url,
  ]
  // biome-ignore lint/style/noProcessEnv: a child gets the environment of its parent
  const env = { ...process.env, BODY_FILE: bodyFile, AUTHORIZATION: authorization }
  const { stdout } = await promisify(execFile)('taskset', args, { env })
  return JSON.parse(/JSON(\{.*\})/.exec(stdout)?.[1] ?? fail(stdout))
}

function progress(round: number, rounds: number, name: string, target: string): void {
  const line = `${round < 0 ? 'Warming up' : `Round ${round + 1} of ${rounds}`}: ${name}, ${target}`
  if (process.stderr.isTTY) process.stderr.write(`\r${line.padEnd(70)}`)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function fail(output: string): never {
  throw new Error(`wrk said nothing that can be read:\n${output}`)
}
