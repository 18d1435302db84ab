import type { Act } from './act.ts'
import { afrobeats } from './discography/afrobeats.ts'
import { ambient } from './discography/ambient.ts'
import { americana } from './discography/americana.ts'
import { cityPop } from './discography/city-pop.ts'
import { classical } from './discography/classical.ts'
import { electronic } from './discography/electronic.ts'
import { folk } from './discography/folk.ts'
import { hipHop } from './discography/hip-hop.ts'
import { house } from './discography/house.ts'
import { indiePop } from './discography/indie-pop.ts'
import { indieRock } from './discography/indie-rock.ts'
import { jazz } from './discography/jazz.ts'
import { latin } from './discography/latin.ts'
import { pop } from './discography/pop.ts'
import { rAndB } from './discography/r-and-b.ts'
import { soul } from './discography/soul.ts'

/** Every invented artist, by main genre. */
export const discography: readonly Act[] = [
  ...pop,
  ...indiePop,
  ...indieRock,
  ...electronic,
  ...house,
  ...ambient,
  ...hipHop,
  ...rAndB,
  ...soul,
  ...folk,
  ...americana,
  ...jazz,
  ...classical,
  ...latin,
  ...cityPop,
  ...afrobeats,
]
