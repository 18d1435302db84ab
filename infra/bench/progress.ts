/** One line on a terminal, drawn again and again; nothing where nobody looks. */
export function showProgress(what: string, done: number, all: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r${what}: ${done} of ${all}${done === all ? '\n' : ''}`)
}
