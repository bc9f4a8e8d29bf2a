import type { Run } from '@parley/contracts';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { client } from '../../api/client';
import { Button } from '../../ui/button';
import { Dialog, DialogForm } from '../../ui/dialog';
import { Problem } from '../../ui/problem';
import { TextArea } from '../../ui/text-area';
import { attributesText, labelChange, readAttributes, readTags } from './label-text';
import { ControlButton } from './run-actions';
import dialogStyles from './dialogs.module.css';
import styles from './labels.module.css';

/** What the run can be found by; each label leads to the runs that have it too. */
export function RunLabels({ run }: { run: Run }) {
  const { tags, attributes } = run;
  const [isOpen, setIsOpen] = useState(false);
  const named = Object.entries(attributes);
  return (
    <section className={styles['labels']} aria-label="Labels" data-testid="run-labels">
      <ul className={styles['list']}>
        {tags.map((tag) => (
          <li key={tag}>
            <Link to="/runs" search={{ tag }} className={styles['tag']}>
              {tag}
            </Link>
          </li>
        ))}
        {named.map(([name, value]) => (
          <li key={name}>
            <Link
              to="/runs"
              search={{ attribute: `${name}=${String(value)}` }}
              className={styles['tag']}
            >
              <small>{name}</small> {String(value)}
            </Link>
          </li>
        ))}
        {run.status === 'pending' ? null : (
          <li>
            <ControlButton
              kind="quiet"
              size="small"
              data-testid="edit-labels"
              onClick={() => setIsOpen(true)}
            >
              {tags.length + named.length === 0 ? 'Add tags' : 'Edit labels'}
            </ControlButton>
          </li>
        )}
      </ul>
      {isOpen ? <LabelsDialog run={run} onClose={() => setIsOpen(false)} /> : null}
    </section>
  );
}

function LabelsDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const id = useId();
  const [tags, setTags] = useState(() => run.tags.join('\n'));
  const [attributes, setAttributes] = useState(() => attributesText(run.attributes));
  const read = readAttributes(attributes);
  // Against what the person began with: what somebody else has changed meanwhile stays.
  const [before] = useState(run);
  const update = useMutation({
    mutationFn: (body: ReturnType<typeof labelChange>) =>
      client.call('updateRun', { params: { run: run.id }, body }),
    onSuccess: onClose,
  });
  return (
    <Dialog title="Tags and search attributes" onClose={onClose}>
      <DialogForm
        onSubmit={() => {
          if (!read.ok || update.isPending) return;
          update.mutate(labelChange(before, { tags: readTags(tags), attributes: read.value }));
        }}
        buttons={
          <>
            <Button onClick={onClose}>Close</Button>
            <Button
              kind="primary"
              type="submit"
              data-testid="labels-submit"
              disabled={!read.ok}
              aria-busy={update.isPending}
            >
              Save
            </Button>
          </>
        }
      >
        {update.isError ? <Problem error={update.error} /> : null}
        <label className={dialogStyles['label']} htmlFor={`${id}-tags`}>
          Tags, one a line
          <TextArea
            id={`${id}-tags`}
            name="tags"
            rows={2}
            spellCheck={false}
            value={tags}
            onChange={(event) => setTags(event.target.value)}
          />
        </label>
        <label className={dialogStyles['label']} htmlFor={`${id}-attributes`}>
          Search attributes, one a line
          <TextArea
            id={`${id}-attributes`}
            name="attributes"
            rows={2}
            spellCheck={false}
            placeholder="customer=ada"
            value={attributes}
            aria-invalid={!read.ok}
            aria-describedby={`${id}-fault`}
            onChange={(event) => setAttributes(event.target.value)}
          />
        </label>
        <p id={`${id}-fault`} className={dialogStyles['about']} aria-live="polite">
          {read.ok
            ? 'Numbers, true and false are taken as such; "12" in quotes is a text.'
            : `“${read.error}” is not like customer=ada. Names begin with a letter.`}
        </p>
      </DialogForm>
    </Dialog>
  );
}
