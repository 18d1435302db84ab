import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One Cadenza a home: holds it for this process, or says in one sentence who does. Returns the way to let go. */
export async function holdHome(home: string): Promise<() => Promise<void>> {
  const folder = join(home, 'run')
  const file = join(folder, 'pid')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const pid = Number(await readFile(file, 'utf8').catch(() => ''))
      if (await isCadenza(pid)) {
        throw new Error(
          `Another Cadenza (process ${pid}) runs on ${home}: stop it, or set CADENZA_HOME to another folder`,
        )
      }
      await rm(file, { force: true }) // left by a crash
    }
  }
  throw new Error(`Two starts on ${home} at once: start again`)
}

/** After a crash the number may belong to somebody else by now; where the system tells, its command line says. */
async function isCadenza(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null)
  return command === null || command.includes('infra/')
}
