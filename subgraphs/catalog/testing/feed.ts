export const NAMESPACES =
  'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" ' +
  'xmlns:psc="http://podlove.org/simple-chapters" xmlns:atom="http://www.w3.org/2005/Atom"'

/** A feed of these items, each as XML, with this beside its title. */
export function feedOf(items: readonly string[], about = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" ${NAMESPACES}><channel><title>Tide Tables</title>${about}${items.join('')}</channel></rss>`
}

/** An item with an hour of audio elsewhere; what a test does not say is made up from the GUID. */
export function itemOf(guid: string, more = '', day = 1): string {
  const date = `${String(day).padStart(2, '0')} Jul 2026 06:00:00 GMT`
  return (
    `<item><guid isPermaLink="false">${guid}</guid><title>Episode ${guid}</title><pubDate>${date}</pubDate>` +
    `<itunes:duration>1:00:00</itunes:duration><enclosure url="https://cdn.example/${guid}.mp3" type="audio/mpeg" length="1234"/>${more}</item>`
  )
}
