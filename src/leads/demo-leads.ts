import type { LeadId } from '../domain/ids.ts';
import type { Lead } from '../domain/lead.ts';
import { PhoneNumber } from '../domain/phone-number.ts';

/** People nobody can phone: 555-01xx is kept free for fiction in every North American area code. */
const PEOPLE: readonly (readonly [name: string, phone: string, city: string, interest: string])[] =
  [
    ['Ada Okafor', '+13155550101', 'Syracuse', 'solar panels'],
    ['Bruno Castellan', '+12125550102', 'New York', 'heat pump'],
    ['Chiara Lindqvist', '+16175550103', 'Boston', 'battery storage'],
    ['Dev Ramanathan', '+13125550104', 'Chicago', 'solar panels'],
    ['Elin Marchetti', '+12065550105', 'Seattle', 'wall box'],
    ['Farid Nowak', '+17135550106', 'Houston', 'insulation'],
    ['Greta Osei', '+13035550107', 'Denver', 'heat pump'],
    ['Hugo Tanaka', '+14155550108', 'San Francisco', 'solar panels'],
    ['Ines Petrova', '+15035550109', 'Portland', 'wall box'],
    ['Jonas Adeyemi', '+14045550110', 'Atlanta', 'battery storage'],
    ['Kaya Delgado', '+13055550111', 'Miami', 'solar panels'],
    ['Lars Whitfield', '+16125550112', 'Minneapolis', 'insulation'],
    ['Maya Thorne', '+12155550113', 'Philadelphia', 'heat pump'],
    ['Nils Carrasco', '+16025550114', 'Phoenix', 'solar panels'],
    ['Olga Sandberg', '+13145550115', 'St. Louis', 'wall box'],
    ['Paolo Nkemelu', '+12165550116', 'Cleveland', 'insulation'],
    ['Quinn Halloran', '+14105550117', 'Baltimore', 'battery storage'],
    ['Rosa Villanueva', '+15055550118', 'Albuquerque', 'solar panels'],
    ['Sven Achterberg', '+18015550119', 'Salt Lake City', 'heat pump'],
    ['Tilda Moreau', '+15045550120', 'New Orleans', 'wall box'],
  ];

/** The short list that a fresh installation starts with. */
export function demoLeads(): Lead[] {
  return PEOPLE.map(([name, number, city, interest], index) => {
    const phone = PhoneNumber.parse(number);
    if (!phone) throw new Error(`demo lead ${name} has no E.164 number`);
    return { leadId: `demo-${index + 1}` as LeadId, name, phone, columns: { city, interest } };
  });
}
