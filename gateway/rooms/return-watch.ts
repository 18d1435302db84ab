const ASKED_EVERY_MS = 250

/**
 * Asks a room that is left alone whether it is ready, until it is. `onReturn` is called only when it was not at first: one that says it
 * is ready and fails all the same gets its rest.
 */
export function createReturnWatch(isReady: () => Promise<boolean>, onReturn: () => void) {
  let timer: NodeJS.Timeout | undefined

  const end = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const begin = (): void => {
    end()
    ask(false)
  }
  const ask = (wasGone: boolean): void => {
    const own = setTimeout(async () => {
      const isBack = await isReady().catch(() => false)
      if (timer !== own) return
      if (!isBack) ask(true)
      else if (wasGone) onReturn()
    }, ASKED_EVERY_MS).unref()
    timer = own
  }

  return { begin, end }
}
