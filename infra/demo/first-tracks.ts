/** The ten songs whose audio is there from the first second: ten genres, heard nearly everywhere. */
export const firstTracks: readonly string[] = [
  'wren-halloway-everyone-i-love-is-asleep',
  'saga-lindqvist-glass-hearts',
  'kwesi-ampah-accra-nights',
  'halogen-garden-tendril',
  'delphine-okoro-tell-me-its-love',
  'henrik-dahlbeck-trio-bla-lordag',
  'marisol-echeverry-mango-biche',
  'kisaragi-harumi-midnight-parking',
  'imani-rowe-honeycomb',
  'hafsol-thoka',
]
