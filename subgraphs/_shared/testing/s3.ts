import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort } from '../../../infra/standalone/postgres.ts'
import type { S3Settings } from '../storage/s3-storage.ts'

/** Where .ci/run puts the server's jars. */
const JARS = resolve('.cadenza/maven/s3-server')
const LOGBACK = resolve('infra/testing/maven/s3-server/logback.xml')

/** Tests that need the real thing are skipped by name where it is not installed. */
export const HAS_S3 = existsSync(JARS) && spawnSync('java', ['-version']).status === 0

const BUCKET = 'cadenza'
const START_MS = 60_000

/** A real S3 server (S3Proxy) on a port of its own, over a folder of its own, with one empty bucket. It verifies every signature. */
export interface TestS3 extends AsyncDisposable {
  settings: S3Settings
}

export async function startS3(): Promise<TestS3> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'cadenza-s3-'))
  await mkdir(join(folder, 'data', BUCKET), { recursive: true })
  const settings: S3Settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: BUCKET,
    accessKeyId: 'tester',
    secretAccessKey: 'only-for-tests',
  }
  const properties = {
    's3proxy.endpoint': settings.endpoint,
    's3proxy.authorization': 'aws-v4',
    's3proxy.identity': settings.accessKeyId,
    's3proxy.credential': settings.secretAccessKey,
    'jclouds.provider': 'filesystem-nio2',
    'jclouds.filesystem.basedir': join(folder, 'data'),
    'jclouds.identity': 'unused',
    'jclouds.credential': 'unused',
  }
  const file = join(folder, 's3proxy.conf')
  await writeFile(
    file,
    Object.entries(properties)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  )
  const child = spawn(
    'java',
    [
      '-Xmx256m',
      `-Dlogback.configurationFile=${LOGBACK}`,
      '-cp',
      join(JARS, '*'),
      'org.gaul.s3proxy.Main',
      '--properties',
      file,
    ],
    { stdio: 'ignore' },
  )
  await untilAnswers(settings.endpoint as string, child)
  return {
    settings,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < START_MS; ) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}`)
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The S3 server does not answer')
}
