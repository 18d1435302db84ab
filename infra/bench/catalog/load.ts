/** Does `work` for each item, so many at a time, each as soon as one before it is done. Returns milliseconds, in the order of the items. */
export async function timeEach<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const begun = performance.now()
      await work(items[at] as Item)
      times[at] = performance.now() - begun
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return times
}
