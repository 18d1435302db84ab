import { execFile } from 'node:child_process'

/** Runs one of the room's commands with this environment and no other: its exit code and what it printed and said. */
export function runCommand(
  command: 'import' | 'import-lyrics' | 'import-podcasts' | 'synthesize',
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; said: string }> {
  return new Promise((resolve) => {
    const child = ['--import', 'tsx', `subgraphs/catalog/${command}.ts`, ...args]
    const started = execFile(process.execPath, child, { env: { PATH: '', ...env } }, (_, out, said) =>
      resolve({ code: started.exitCode ?? -1, out, said }),
    )
  })
}
