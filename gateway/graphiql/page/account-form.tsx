import { type FormEvent, useState } from 'react'
import { signIn, signUp } from './account.ts'

interface AccountFormProps {
  isBusy: boolean
  onSubmit(become: () => Promise<string | null>): void
}

/** Signing in with an own address, or opening an account with one. */
export function AccountForm({ isBusy, onSubmit }: AccountFormProps) {
  const [isNew, setNew] = useState(false)

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const field = (name: string) => String(form.get(name) ?? '')
    const [email, password] = [field('email'), field('password')]
    const profile = { displayName: field('displayName'), country: field('country').toUpperCase() }
    onSubmit(() => (isNew ? signUp({ email, password, ...profile }) : signIn(email, password)))
  }

  return (
    <form className="menu-form" onSubmit={submit}>
      <h2 className="menu-title">{isNew ? 'A new account' : 'Another account'}</h2>
      <input
        className="field"
        name="email"
        type="email"
        placeholder="E-mail"
        aria-label="E-mail"
        autoComplete="username"
        required
      />
      <input
        className="field"
        name="password"
        type="password"
        placeholder="Password"
        aria-label="Password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        required
      />
      {isNew && (
        <>
          <input
            className="field"
            name="displayName"
            placeholder="Name to show"
            aria-label="Name to show"
            required
          />
          <input
            className="field"
            name="country"
            placeholder="Country, as in SE"
            aria-label="Country"
            pattern="[A-Za-z]{2}"
            title="Two letters, as in SE"
            required
          />
        </>
      )}
      <div className="menu-choices">
        <button type="submit" className="plain menu-choice" disabled={isBusy}>
          {isNew ? 'Create account' : 'Sign in'}
        </button>
        <button type="button" className="plain menu-choice" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : 'Create an account'}
        </button>
      </div>
    </form>
  )
}
