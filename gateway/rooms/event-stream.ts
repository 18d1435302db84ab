/**
 * Reads server-sent events as their text comes in, in pieces of any size: https://html.spec.whatwg.org/multipage/server-sent-events.html.
 * Throws when one is longer than `limit` characters.
 */
export function createEventReader(
  limit: number,
  onEvent: (name: string, data: string) => void,
): (text: string) => void {
  let pending = ''
  let name = ''
  let data: string[] = []
  let length = 0

  const bound = (more: number): void => {
    if (length + more > limit) throw new Error(`An event of more than ${limit} characters`)
  }

  const readLine = (line: string): void => {
    if (line === '') {
      if (name !== '' || data.length > 0) onEvent(name, data.join('\n'))
      name = ''
      data = []
      length = 0
      return
    }
    bound(line.length)
    length += line.length
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
  }

  return (text) => {
    const scanned = pending.length
    pending += text
    let begin = 0
    for (let end = pending.indexOf('\n', scanned); end >= 0; end = pending.indexOf('\n', begin)) {
      readLine(pending.slice(begin, pending[end - 1] === '\r' && end > begin ? end - 1 : end))
      begin = end + 1
    }
    pending = pending.slice(begin)
    bound(pending.length)
  }
}
