import { Modal, type ModalProps } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './sheet.module.css';
import { TEXTS } from './texts.ts';

interface SheetProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  size?: NonNullable<ModalProps['size']>;
  children: ReactNode;
}

/**
 * A dialog over the page. Put together from Modal’s parts because its own
 * header is a second banner to a screen reader, and its scroll lock an inline style that the page’s policy refuses.
 */
export function Sheet({ isOpen, onClose, title, size = 'md', children }: SheetProps) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} size={size} lockScroll={false} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body className={classes['body'] ?? ''}>
          <div className={classes['head']}>
            <Modal.Title className={classes['title'] ?? ''}>{title}</Modal.Title>
            <Modal.CloseButton aria-label={TEXTS.close} />
          </div>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
