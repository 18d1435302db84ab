import { useRef, useState } from 'react'
import { account, signIn, signOut, type Viewer } from './account.ts'
import { AccountForm } from './account-form.tsx'
import { wordsOf } from './http.ts'
import { useStore } from './store.ts'
import './styles/account-menu.css'

const DEMO_PASSWORD = 'cadenza-demo'
const DEMO = [
  { email: 'free@cadenza.example', about: 'FREE, US' },
  { email: 'premium@cadenza.example', about: 'PREMIUM, SE' },
  { email: 'artist@cadenza.example', about: 'PREMIUM, GB, manages an artist' },
  { email: 'admin@cadenza.example', about: 'PREMIUM, US, admin' },
]

/** Who the page asks as, and how to become somebody else: one click for a demo account. */
export function AccountMenu() {
  const who = useStore(account)
  const menu = useRef<HTMLDivElement>(null)
  const [busyWith, setBusyWith] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  /** Runs a change of account; the menu closes when it worked and says why when it did not. */
  async function change(label: string, become: () => Promise<string | null>): Promise<void> {
    setBusyWith(label)
    setProblem(null)
    const failure = await become().catch(wordsOf)
    setBusyWith(null)
    setProblem(failure)
    if (failure === null) menu.current?.hidePopover()
  }

  return (
    <>
      <button type="button" className="plain who" popoverTarget="account-menu">
        {who ? <Signed viewer={who.viewer} /> : 'Anonymous'}
        <span aria-hidden="true">▾</span>
      </button>
      <div id="account-menu" className="menu" popover="auto" ref={menu}>
        <h2 className="menu-title">Ask as</h2>
        <ul>
          <li>
            <button
              type="button"
              className="plain menu-account"
              aria-pressed={who === null}
              onClick={() => void change('Anonymous', () => signOut().then(() => null))}
            >
              <strong>Anonymous</strong>
              <span className="quiet small">catalogue, search, trending, public playlists</span>
            </button>
          </li>
          {DEMO.map(({ email, about }) => (
            <li key={email}>
              <button
                type="button"
                className="plain menu-account"
                disabled={busyWith !== null}
                aria-pressed={who?.viewer.email === email}
                onClick={() => void change(email, () => signIn(email, DEMO_PASSWORD))}
              >
                <strong>{email}</strong>
                <span className="quiet small">{busyWith === email ? 'Signing in…' : about}</span>
              </button>
            </li>
          ))}
        </ul>
        <AccountForm isBusy={busyWith !== null} onSubmit={(become) => void change('form', become)} />
        <p className="problem" role="alert">
          {problem}
        </p>
      </div>
    </>
  )
}

function Signed({ viewer }: { viewer: Viewer }) {
  return (
    <span>
      {viewer.email}{' '}
      <span className="quiet">
        {viewer.tier}, {viewer.country}
      </span>
    </span>
  )
}
