import { hostname } from 'node:os'

const HOST = hostname().replace(/[^\w]/g, '_')

/** Who does something, so that others can tell whether it still does: this machine and this process, without dots but the one between. */
export const PROCESS_MARK = `${HOST}.${process.pid}`

/** Whether the process of a mark is known to be gone; of those on other machines nobody knows. */
export function isGone(mark: string): boolean {
  const [host, pid] = mark.split('.')
  if (host !== HOST) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
