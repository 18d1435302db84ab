import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../standalone/postgres.ts'

const HERE = fileURLToPath(new URL('../edge/nginx/', import.meta.url))
const NGINX = '/usr/sbin/nginx'
const MODULE = '/usr/lib/nginx/modules/ngx_http_js_module.so'

/** Whether this machine has what the configuration needs: Debian's nginx and libnginx-mod-http-js. */
export const hasNginx = existsSync(NGINX) && existsSync(MODULE)

export interface NginxEdge extends AsyncDisposable {
  url: string
  /** Its main process. */
  pid: number
  /** Reads configuration and keys again. */
  reload(): Promise<void>
}

export interface NginxEdgeOptions {
  audio: string
  /** The text of `stream-keys.json`. */
  keys(): string
  origin: string
  /** One for each processor, if left out. */
  workers?: number
}

/** nginx with the configuration of `infra/edge/nginx` on a port of its own, in a folder of its own. */
export async function startNginxEdge({ audio, keys, origin, workers }: NginxEdgeOptions): Promise<NginxEdge> {
  const run = await mkdtemp(join(tmpdir(), 'cadenza-nginx-'))
  const port = await freePort()
  const secrets = join(run, 'secrets')
  const writeKeys = () => writeFile(join(secrets, 'stream-keys.json'), keys(), { mode: 0o600 })
  await mkdir(secrets)
  await writeKeys()
  const values: Record<string, string> = {
    AUDIO: audio,
    SECRETS: secrets,
    HERE,
    ORIGIN: origin,
    LISTEN: `127.0.0.1:${port}`,
    RUN: run,
  }
  const template = await readFile(join(HERE, 'nginx.conf.template'), 'utf8')
  const text = template
    .replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
    .replace('worker_processes auto', `worker_processes ${workers ?? 'auto'}`)
  // Workers of an nginx that root started give up being root, and would not reach folders that are ours alone.
  const user = process.getuid?.() === 0 ? 'user root;\n' : ''
  const file = join(run, 'nginx.conf')
  await writeFile(file, user + text)
  const child = spawn(NGINX, ['-p', '/usr/share/nginx', '-c', file, '-g', 'daemon off;'], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  while (!(await isOpen(port))) {
    if (child.exitCode !== null)
      throw new Error(
        `nginx did not start: ${await readFile(join(run, 'error.log'), 'utf8').catch(() => '')}`,
      )
    await new Promise((resolve) => setTimeout(resolve, 20))
  }

  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async reload() {
      await writeKeys()
      await promisify(execFile)(NGINX, ['-p', '/usr/share/nginx', '-c', file, '-s', 'reload'])
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await rm(run, { recursive: true, force: true })
    },
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
