import { readdir, readFile } from 'node:fs/promises'

export interface TreeMemory {
  processes: number
  /** What the processes hold each, added up: pages they share count several times. */
  residentMb: number
  /** The same with each shared page divided among those who share it: what ending the tree would give back. */
  proportionalMb: number
}

/** A process and all its descendants, from /proc: Linux only. */
export async function treeOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : ''
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (stat !== '') children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [root]
  for (const pid of tree) tree.push(...(children.get(pid) ?? []))
  return tree
}

/** The memory of a process and all its descendants. */
export async function treeMemory(root: number): Promise<TreeMemory> {
  const tree = await treeOf(root)
  let resident = 0
  let proportional = 0
  for (const pid of tree) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
    resident += Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
    proportional += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
  }
  return { processes: tree.length, residentMb: resident / 1_024, proportionalMb: proportional / 1_024 }
}
