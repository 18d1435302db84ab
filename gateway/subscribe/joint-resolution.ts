/** Resolves under a key what others ask for under the same. `resolve` never rejects. */
export type JointResolution = (key: string, resolve: () => Promise<string>) => Promise<string>

/**
 * Resolves once what several streams bring at about the same time. Two events with the same content may be two events, so a result
 * serves only those who were there before its resolution began: what it was made of is as new as each of their events.
 */
export function createJointResolution(): JointResolution {
  const gathering = new Map<string, Promise<string>>()
  const running = new Map<string, Promise<string>>()

  async function begin(key: string, resolve: () => Promise<string>): Promise<string> {
    await (running.get(key) ?? nextTurn())
    gathering.delete(key)
    const resolving = resolve()
    running.set(key, resolving)
    const result = await resolving
    if (running.get(key) === resolving) running.delete(key)
    return result
  }

  return (key, resolve) => {
    let joint = gathering.get(key)
    if (joint === undefined) {
      joint = begin(key, resolve)
      gathering.set(key, joint)
    }
    return joint
  }
}

/** By then the streams that were woken by the same news have brought it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
