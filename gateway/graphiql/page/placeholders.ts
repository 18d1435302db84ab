import { account, devices } from './account.ts'
import { live, type Sources, settled } from './example-values.ts'

const PLACEHOLDER = /\{\{(\w+)\}\}/g

/** Variables with every `{{id}}` written in that can be known now; the others keep their braces until they are sent. */
export async function settle(variables: string): Promise<string> {
  return fill(withOwnDevice(variables), async (name) => {
    const value = await Promise.resolve(settled[name])
      .then((source) => source?.())
      .catch(() => undefined)
    return value ?? `{{${name}}}`
  })
}

/** Variables ready to send. Throws, in words, when a placeholder cannot be filled. */
export async function complete(variables: string): Promise<string> {
  const sources: Sources = { ...settled, ...live }
  return fill(variables, async (name) => {
    const source = sources[name]
    if (!source) throw new Error(`Nothing is known to fill {{${name}}} with.`)
    return source()
  })
}

async function fill(text: string, valueFor: (name: string) => Promise<string>): Promise<string> {
  const values = new Map<string, string>()
  for (const [, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (!values.has(name)) values.set(name, JSON.stringify(await valueFor(name)).slice(1, -1))
  }
  return text.replaceAll(PLACEHOLDER, (_, name: string) => values.get(name) ?? '')
}

/** A device belongs to one account: after a change of account another's id would only be refused. */
function withOwnDevice(text: string): string {
  const own = account.get()?.deviceId
  const others = Object.values(devices()).filter((id) => id !== own)
  return others.reduce((rest, id) => rest.replaceAll(id, own ?? '{{device}}'), text)
}
