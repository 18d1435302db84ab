import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { DiffTarget, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'

const FILTERS = { externalTables: [], externalEnums: [] }

/**
 * Brings one room's tables up to date: what `prisma migrate deploy` does, with the same engine in its WebAssembly form, so
 * that no native binary has to be fetched. Returns the names of the migrations applied now. One process migrates a room
 * at a time; the others wait. With `last`, later migrations are left for another time.
 */
export async function migrate(room: string, databaseUrl: string, last?: string): Promise<string[]> {
  const guard = new pg.Client({ connectionString: databaseUrl })
  await guard.connect()
  try {
    await guard.query('SELECT pg_advisory_lock(hashtext($1))', [`migrate ${room}`])
    await guard.query(`CREATE SCHEMA IF NOT EXISTS ${guard.escapeIdentifier(room)}`)
    const names = (await migrationNames(room)).filter((name) => last === undefined || name <= last)
    if (await isUpToDate(guard, room, names)) return []
    const input = { migrationsList: await readMigrations(room, names), filters: FILTERS }
    return await withEngine(
      room,
      databaseUrl,
      async (engine) => (await engine.applyMigrations(input)).appliedMigrationNames,
    )
  } finally {
    await guard.end()
  }
}

/** The SQL that would make a room's tables from its schema.prisma alone: the start of the next migration, and its check. */
export async function tablesOf(room: string, databaseUrl: string): Promise<string> {
  const path = folderOf(room, 'schema.prisma')
  const to: DiffTarget = { tag: 'schemaDatamodel', files: [{ path, content: await readFile(path, 'utf8') }] }
  const { stdout } = await withEngine(room, databaseUrl, (engine) =>
    engine.diff({ from: { tag: 'empty' }, to, script: true, exitCode: null, filters: FILTERS }),
  )
  return stdout ?? ''
}

/** Loading the engine costs half a second: a start with nothing to apply does without it. */
async function isUpToDate(guard: pg.Client, room: string, names: readonly string[]): Promise<boolean> {
  const table = `${guard.escapeIdentifier(room)}._prisma_migrations`
  try {
    const { rows } = await guard.query<{ migration_name: string }>(
      `SELECT migration_name FROM ${table} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    )
    const applied = new Set(rows.map((row) => row.migration_name))
    return names.every((name) => applied.has(name))
  } catch (error) {
    const isFirstTime = (error as { code?: string }).code === '42P01' // undefined_table
    if (isFirstTime) return false
    throw error
  }
}

async function withEngine<Result>(
  room: string,
  databaseUrl: string,
  work: (engine: SchemaEngine) => Promise<Result>,
): Promise<Result> {
  const { SchemaEngine: Engine } = await loadEngine()
  const path = folderOf(room, 'schema.prisma')
  const datamodels: [string, string][] = [[path, await readFile(path, 'utf8')]]
  const adapter = createScriptAdapter(room, databaseUrl)
  try {
    const engine = await Engine.new(
      { datamodels },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(adapter.factory),
    )
    return await work(engine)
  } finally {
    await adapter.dispose()
  }
}

/**
 * Prisma's adapter, but for two things: it cuts a script at every semicolon, those in comments and function bodies too
 * (sent whole, PostgreSQL does the cutting and a migration is one transaction), and the engine leaves its connections open.
 */
function createScriptAdapter(
  room: string,
  databaseUrl: string,
): { factory: PrismaPg; dispose(): Promise<void> } {
  const connection = { connectionString: databaseUrl, options: `-c search_path=${room},public` }
  const factory = new PrismaPg(connection, { schema: room })
  const connect = factory.connect.bind(factory)
  const opened: { dispose(): Promise<void> }[] = []
  factory.connect = async () => {
    const adapter = await connect()
    opened.push(adapter)
    adapter.executeScript = async (script) => {
      const client = new pg.Client(connection)
      await client.connect()
      try {
        await client.query(script)
      } finally {
        await client.end()
      }
    }
    return adapter
  }
  return {
    factory,
    async dispose() {
      for (const adapter of opened) await adapter.dispose()
    },
  }
}

type Bindings = typeof import('@prisma/schema-engine-wasm')
let bindings: Promise<Bindings> | null = null

/** Node cannot import the package's entry, which imports a .wasm file: the module is put together here, once. */
function loadEngine(): Promise<Bindings> {
  bindings ??= (async () => {
    const gluePath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    const glue = (await import(gluePath)) as Bindings & { __wbg_set_wasm(exports: WebAssembly.Exports): void }
    const binary = await readFile(gluePath.replace(/\.js$/, '.wasm'))
    const imports = {
      './schema_engine_bg.js': withoutLingeringTimers(glue as unknown as WebAssembly.ModuleImports),
    }
    const { instance } = await WebAssembly.instantiate(binary, imports)
    glue.__wbg_set_wasm(instance.exports)
    ;(instance.exports['__wbindgen_start'] as () => void)()
    return glue
  })()
  return bindings
}

/** The engine leaves its 10 s lock timers running when it is done, and with them the process. */
function withoutLingeringTimers(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const entries = Object.entries(imports).map(([name, value]): [string, WebAssembly.ImportValue] => {
    if (!name.startsWith('__wbg_setTimeout') || typeof value !== 'function') return [name, value]
    return [name, (...given: unknown[]) => (value(...given) as NodeJS.Timeout).unref()]
  })
  return Object.fromEntries(entries)
}

async function readMigrations(room: string, names: readonly string[]): Promise<MigrationList> {
  const baseDir = folderOf(room, 'migrations')
  const migrationDirectories = await Promise.all(
    names.map(async (name) => {
      const value = await readFile(`${baseDir}/${name}/migration.sql`, 'utf8')
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
    }),
  )
  const lockfile = {
    path: 'migration_lock.toml',
    content: await readFile(`${baseDir}/migration_lock.toml`, 'utf8'),
  }
  return { baseDir, lockfile, shadowDbInitScript: '', migrationDirectories }
}

async function migrationNames(room: string): Promise<string[]> {
  const entries = await readdir(folderOf(room, 'migrations'), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

function folderOf(room: string, path: string): string {
  return fileURLToPath(new URL(`${room}/${path}`, import.meta.url))
}
