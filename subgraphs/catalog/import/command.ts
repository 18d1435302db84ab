import { parseArgs } from 'node:util'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { ImportFault } from './import-fault.ts'
import { count } from './progress.ts'
import { openTarget } from './target.ts'

const SHOWN_FAULTS = 20

/** What a command says while it works: one line for each thing that it leaves out, twenty at most. */
export interface Report {
  fault(what: string, reason: string): void
}

/**
 * A command that takes one path: `work` fills the catalogue's database and returns what to say at the end. Whatever ends it is said in one
 * sentence, with the exit code 1.
 */
export async function runCommand(
  usage: string,
  work: (path: string, db: PrismaClient, report: Report) => Promise<string>,
): Promise<void> {
  try {
    const path = readPath(usage)
    const { db } = await openTarget()
    let faults = 0
    try {
      const said = await work(path, db, {
        fault(what, reason) {
          faults++
          if (faults <= SHOWN_FAULTS) process.stderr.write(`${what}: ${reason}\n`)
        },
      })
      if (faults > SHOWN_FAULTS)
        process.stderr.write(`… and ${count(faults - SHOWN_FAULTS)} more that were left out\n`)
      process.stdout.write(`${said}\n`)
    } finally {
      await db.$disconnect()
    }
  } catch (error) {
    const isOurs = error instanceof ImportFault
    process.stderr.write(`${isOurs ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
    process.exitCode = 1
  }
}

function readPath(usage: string): string {
  try {
    const { positionals } = parseArgs({ allowPositionals: true, options: {} })
    const [path, ...more] = positionals
    if (path === undefined || path === '' || more.length > 0) throw new ImportFault(usage)
    return path
  } catch (error) {
    throw error instanceof ImportFault ? error : new ImportFault(`${(error as Error).message}. ${usage}`)
  }
}
