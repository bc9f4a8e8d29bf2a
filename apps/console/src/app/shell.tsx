import { Link, Outlet } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../api/client';
import { useDisconnected, useLive } from '../api/live';
import { PersonMenu } from './person-menu';
import styles from './shell.module.css';

const places = [
  { to: '/conversations', label: 'Conversations', icon: 'M4 5h16v11H9l-5 4z' },
  { to: '/workflows', label: 'Workflows', icon: 'M5 5h5v5H5zM14 14h5v5h-5zM10 7.5h6.5V14' },
  { to: '/runs', label: 'Runs', icon: 'M6 4l14 8-14 8z' },
  {
    to: '/schedules',
    label: 'Schedules',
    icon: 'M12 4a8 8 0 1 0 .01 0M12 8v4l3 2',
  },
  {
    to: '/task-queues',
    label: 'Queues',
    icon: 'M4 5h10M4 10h10M4 15h10M4 20h6M17 13l4 3-4 3z',
  },
  { to: '/inbox', label: 'Inbox', icon: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5' },
  {
    to: '/connectors',
    label: 'Connectors',
    icon: 'M9 3v6M15 3v6M6 9h12v3a6 6 0 0 1-12 0zM12 18v3',
  },
] as const;

/** What surrounds every page: navigation with the live inbox badge, the person, the connection. */
export function Shell() {
  const me = useQuery({ queryKey: ['me'], queryFn: () => client.call('me') });
  const [pending, setPending] = useState(0);
  useLive('approvalEvents', {}, (event) => {
    if (event.event === 'pending') setPending(event.data.count);
  });
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        Skip to content
      </a>
      <nav className={styles['nav']} aria-label="Main">
        <Link to="/" className={styles['brand']}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span>Parley</span>
        </Link>
        <ul>
          {places.map(({ to, label, icon }) => (
            <li key={to}>
              <Link to={to} className={styles['place']} activeProps={{ 'data-active': true }}>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                  <path d={icon} />
                </svg>
                <span>{label}</span>
                {to === '/inbox' && pending > 0 ? (
                  <strong className={styles['badge']} data-testid="inbox-badge">
                    {pending}
                    <span className="visually-hidden"> waiting for you</span>
                  </strong>
                ) : null}
              </Link>
            </li>
          ))}
        </ul>
        <PersonMenu me={me.data} />
      </nav>
      <main id="content" className={styles['content']} tabIndex={-1}>
        <ConnectionBanner />
        <Outlet />
      </main>
    </div>
  );
}

/** Its place is kept free of layout: it lies over the page, so nothing jumps when it appears. */
function ConnectionBanner() {
  const isDisconnected = useDisconnected();
  return (
    <div className={styles['banner']} role="status" data-shown={isDisconnected}>
      {isDisconnected ? 'Disconnected, retrying …' : null}
    </div>
  );
}
