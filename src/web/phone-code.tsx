import { QRCodeSVG } from 'qrcode.react';
import { formatPhone } from './format.ts';
import { TEXTS } from './texts.ts';

/** The number as a code to be scanned: the phone dials it. */
export const PhoneCode = ({ number }: { number: string }) => (
  <QRCodeSVG
    value={`tel:${number}`}
    size={104}
    marginSize={2}
    title={TEXTS.dialIn.qr(formatPhone(number))}
  />
);
