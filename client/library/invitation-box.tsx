/** The group's invitation link, for its owner. Whoever has it can read and comment. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { invitations, invite, type GroupInvitation } from '../people/group-api.js';
import { CopyField } from './device-link.js';

export function InvitationBox({ group }: { group: string }) {
  const { t } = useTranslation();
  const [list, setList] = useState<readonly GroupInvitation[] | 'failed' | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let wanted = true;
    void invitations(group).then((answer) => wanted && setList(answer.ok ? answer.value : 'failed'));
    return () => {
      wanted = false;
    };
  }, [group]);

  const make = async () => {
    setBusy(true);
    const made = await invite(group);
    setBusy(false);
    setList(made.ok ? [made.value] : 'failed');
  };
  if (list === null) return null;
  if (list === 'failed') {
    return (
      <p role="alert" className="state state--no">
        {t('failed.no-answer')}
      </p>
    );
  }
  const [first] = list;
  return first ? (
    <CopyField label={t('invite.link')} words={first.url} />
  ) : (
    <button type="button" className="btn" disabled={busy} onClick={() => void make()}>
      {t('invite.make')}
    </button>
  );
}
