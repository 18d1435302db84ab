import { Presets, SingleBar } from 'cli-progress'

/** How far an import is, for somebody who watches: a bar on a terminal, a line now and then elsewhere. */
export interface Progress {
  show(state: { rows: number; bytes: number; size: number }): void
  /** A line of its own, above the bar. */
  say(line: string): void
  stop(): void
}

const LINE_EVERY = 5_000

export function createProgress(out: NodeJS.WriteStream, what = 'rows'): Progress {
  return out.isTTY ? createBar(out, what) : createPlain(out, what)
}

function createBar(out: NodeJS.WriteStream, what: string): Progress {
  const bar = new SingleBar(
    { stream: out, format: `{bar} {percentage}%  {rows} ${what}  {eta_formatted} left`, hideCursor: true },
    Presets.shades_classic,
  )
  let isShown = false
  return {
    show({ rows, bytes, size }) {
      const shown = { rows: count(rows) }
      if (!isShown) bar.start(size, bytes, shown)
      else bar.update(bytes, shown)
      isShown = true
    },
    say(line) {
      if (isShown) out.write('\r\u001b[K')
      out.write(`${line}\n`)
    },
    stop: () => bar.stop(),
  }
}

function createPlain(out: NodeJS.WriteStream, what: string): Progress {
  let next = LINE_EVERY
  return {
    show({ rows, bytes, size }) {
      if (rows < next) return
      next = rows - (rows % LINE_EVERY) + LINE_EVERY
      out.write(`${count(rows)} ${what}, ${Math.floor((bytes / Math.max(size, 1)) * 100)}%\n`)
    },
    say: (line) => void out.write(`${line}\n`),
    stop: () => undefined,
  }
}

/** A number as people read it: 22,716. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}
