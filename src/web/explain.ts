import { notifications } from '@mantine/notifications';

/** Says why something could not be done. One at a time: a second press renews it. */
export function explain(title: string, why: string): void {
  notifications.show({ id: 'why-not', title, message: why, color: 'gray' });
}
