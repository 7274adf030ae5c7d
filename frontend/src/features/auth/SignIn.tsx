import { type FormEvent, useState } from "react";
import { useSigning, type Way } from "@/features/auth/queries";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Field } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

/** Sign in or sign up, one form for both. */
export function SignIn({ onSignedIn }: { onSignedIn: () => void }) {
  const [way, setWay] = useState<Way>("in");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signing = useSigning(way);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signing.mutate({ email, password }, { onSuccess: onSignedIn });
  };
  const change = (wanted: Way) => {
    signing.reset();
    setWay(wanted);
  };
  const isUp = way === "up";
  return (
    <form onSubmit={submit} className="space-y-4" aria-labelledby="sign-in">
      <h1 id="sign-in" className="text-xl font-semibold">
        {isUp ? s.auth.signUp : s.auth.signIn}
      </h1>
      <Field
        label={s.auth.email}
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field
        label={s.auth.password}
        type="password"
        autoComplete={isUp ? "new-password" : "current-password"}
        required
        minLength={isUp ? 8 : 1}
        hint={isUp ? s.auth.passwordHint : undefined}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <ErrorLine error={signing.error} />
      <Button type="submit" look="primary" isBusy={signing.isPending} className="w-full">
        {isUp ? s.auth.signUp : s.auth.signIn}
      </Button>
      <p className="text-center text-sm text-muted">
        {isUp ? s.auth.haveAccount : s.auth.noAccount}{" "}
        <button
          type="button"
          className="text-teal underline"
          onClick={() => change(isUp ? "in" : "up")}
        >
          {isUp ? s.auth.signIn : s.auth.signUp}
        </button>
      </p>
    </form>
  );
}
