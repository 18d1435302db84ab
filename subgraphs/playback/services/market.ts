/**
 * Whether something licensed for `markets` may play in `country`. No list (null) is everywhere, an empty list nowhere; a
 * country that nobody knows is in no list.
 */
export function isLicensedIn(markets: readonly string[] | null, country: string | null): boolean {
  return markets === null || (country !== null && markets.includes(country))
}
