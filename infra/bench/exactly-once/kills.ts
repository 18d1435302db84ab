import { setTimeout as sleep } from 'node:timers/promises'
import { createChance } from '../../demo/chance.ts'
import type { House, Part } from '../../simulate/house.ts'

/** Who is killed, by two at once: the room that takes reports, the one beside it (relay and consumers), who reads what it says, the door. */
const VICTIMS: readonly (readonly Part[])[] = [
  ['playback', 'recommendations', 'door'],
  ['beside', 'catalog'],
]

export interface Killer {
  /** How many of each. */
  readonly done: Readonly<Record<string, number>>
  start(): void
  /** No more of them; what was killed last is there again. */
  stop(): Promise<void>
}

/** Kills so many, each as soon as the last one is back, and `pauseMs` later on average. */
export function createKiller(house: House, seed: number, count: number, pauseMs: number): Killer {
  const chance = createChance(`kills ${seed}`)
  const done: Record<string, number> = {}
  let isStopped = false
  let working: Promise<unknown> = Promise.resolve()
  async function work(victims: readonly Part[], times: number): Promise<void> {
    for (let n = 0; n < times; n++) {
      await sleep(chance.between(0, 2 * pauseMs))
      if (isStopped) return
      const victim = victims[n % victims.length] as Part
      await house.kill(victim)
      done[victim] = (done[victim] ?? 0) + 1
    }
  }
  return {
    done,
    start() {
      const share = Math.floor(count / VICTIMS.length)
      working = Promise.all(VICTIMS.map((victims, n) => work(victims, n === 0 ? count - share : share)))
    },
    async stop() {
      isStopped = true
      await working
    },
  }
}
