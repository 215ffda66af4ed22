// SPDX-License-Identifier: Apache-2.0
// Short names for what docs/openapi.yaml says of the API; api.gen.ts is made of it. Money is integer fen, times are ISO 8601.
import type { components } from './api.gen'
import type { Body, Got, Posted, Put } from './http'

type Schemas = components['schemas']

export type Decision = Schemas['Decision']
export type Tray = Schemas['Tray']
export type Tone = Schemas['Tone']
export type Problem = Schemas['Problem']
export type FieldError = NonNullable<Problem['errors']>[number]
/** The part of an order on which an action depends and that has changed since the page read it. */
export type Change = NonNullable<Problem['changed']>[number]

// The hall: the session and the project.
export type Brand = Schemas['Brand']
export type Business = Schemas['Business']
export type ProjectBusiness = Schemas['ProjectBusiness']
export type Session = Schemas['Session']
export type ProjectLink = NonNullable<Session['project']>['links'][number]
export type LoggedIn = Posted<'/{slug}/api/gate/login-sms'>
export type LoginWay = Schemas['LoginWay']
export type Step = Schemas['Step']
export type Region = Schemas['Region']
export type BankAnswer = Got<'/{slug}/api/finauth/banks'>
export type Bank = BankAnswer['banks'][number]

// The set-up of a project.
export type Setup = Schemas['Setup']
export type Agreement = Setup['agreements'][number]
export type CertType = Setup['types'][number]
export type PricePart = Schemas['PricePart']
export type Price = Schemas['Price']
export type PayWay = Schemas['PaymentWay']
export type Block = Setup['blocks'][number]
export type Field = Schemas['Field']
export type PaperRule = Setup['papers'][number]
/** The form as the server stores it and as a page fills it in. Values have types by kind, whatever the names of the fields are. */
export type Form = Schemas['Form']
export type Item = { cert_type: string; years: number } & Record<string, string | number>
export type Value = string | number | boolean | null | Item[]
export type FormValues = Record<string, Value>

// An order and what belongs to it.
export type Order = Schemas['Order']
export type Paper = Schemas['Paper']
export type PaperSheet = Schemas['PaperSheet']
export type CameraPage = Got<'/{slug}/api/paper/phone'>
export type Reading = Schemas['Reading']
export type Finauth = Order['finauth']
export type Reason = Schemas['Reason']
export type History = Schemas['History'][number]
export type RouteStep = Schemas['RouteStep']
export type OrderPage = Got<'/{slug}/api/orders'>
export type OrderList = OrderPage['lists'][number]
export type OrderItem = Schemas['OrderItem']
export type ListedOrder = Schemas['ListedOrder']
/** The server's deadline; null when no clock runs. */
export type Promised = Schemas['Promise']
/** Who does what next, until when. */
export type Ahead = Schemas['Ahead']
export type TransferView = Schemas['TransferView']
export type Voucher = Schemas['Voucher']
export type PayOpened = Posted<'/{slug}/api/pay/orders/{id}'>
export type PayInside = Posted<'/{slug}/api/pay/orders/{id}/inside'>
export type PayState = Got<'/{slug}/api/pay/orders/{id}'>
export type Link = Schemas['Link']
export type IdentityState = Got<'/{slug}/api/identity/orders/{id}'>
export type PhoneTask = Schemas['PhoneTask']
export type LossReport = Body<'/{slug}/api/identity/loss'>
export type Unlocks = Got<'/{slug}/api/identity/orders/{id}/unlock'>
export type Revocables = Got<'/{slug}/api/identity/orders/{id}/revoke'>
export type Revoked = NonNullable<PhoneTask['revoked']>
export type Unlocked = NonNullable<PhoneTask['unlocked']>
export type RebindingOutcome = NonNullable<PhoneTask['rebinding']>
export type LossOutcome = NonNullable<PhoneTask['outcome']>
export type CardAnswer = Put<'/{slug}/api/identity/phone/card/{side}'>
export type OrderCertificate = Schemas['OwnCertificate']
export type KeyFile = Got<'/{slug}/api/orders/{id}/certificates'>['key_file']['items'][number]
export type LossCertificate = Got<'/{slug}/api/orders/{id}/loss'>['items'][number]
export type SealPictureState = Schemas['SealPictureState']
/** A certificate of an order, with its own seal. */
export type SealPictureItem = SealPictureState['items'][number]
export type SealPictureWish = Body<'/{slug}/api/sealpicture/orders/{id}/preview'>
export type SealPicture = Schemas['SealPicture']

// Units, consents, certificates and signatures.
export type Unit = Schemas['Units']['units'][number]
export type UnitCertificate = Unit['certificates'][number]
export type HandOver = Schemas['HandOver']
export type Consent = Schemas['ConsentLedger']['items'][number]
export type ConsentText = Schemas['ConsentLedger']['texts'][number]
export type CertificateFace = Schemas['CertificateFace']
export type PublicCertificate = Schemas['PublicCertificate']
export type ReplacedCertificate = Schemas['ReplacedCertificate']
export type FoundCertificate = Schemas['FoundCertificates']['certificates'][number]
export type CertificateWords = Schemas['CertificateWords']
export type Attribute = Schemas['CertificateName'][number]
export type VerifyReport = Schemas['VerifyReport']
export type SignatureReport = Schemas['SignatureReport']
export type Finding = SignatureReport['findings'][number]
export type Verdict = Schemas['Verdict']

// The back office.
export type AuditRow = Schemas['AuditRow']
export type Role = Schemas['Role']
export type Staff = DeskSession['staff']
export type DeskSession = Schemas['DeskSession']
export type DeskRead = Schemas['DeskRead']
export type StaffOrder = Schemas['DeskOrder']
export type DeskPage = Got<'/desk/api/review/orders'>
export type Queue = keyof DeskPage['counts'] | 'all'
export type DeskItem = DeskPage['items'][number]
export type DeskTask = Schemas['DeskTask']
export type Production = Schemas['Production']
export type Parcels = Schemas['Parcels']
export type Message = Schemas['Message']
export type Invoice = Schemas['Invoice']
export type OrderMoneyView = Schemas['OrderMoneyView']
export type DeskPayment = OrderMoneyView['money']['payments'][number]
export type Payout = Schemas['Payout']
export type PayoutTask = Got<'/desk/api/finance/payouts'>['items'][number]
export type Bill = Schemas['Bill']
export type Evidence = Schemas['Evidence']
export type Seal = Schemas['Seal']
export type HeldCertificate = Schemas['HeldCertificate']
export type DeskCertificate = Got<'/desk/api/registry/orders/{id}/revocations'>['items'][number]
export type Revocation = Schemas['Revocation']
export type RevocationRow = Schemas['RevocationRow']
export type AuthorityCertificate = Got<'/desk/api/registry/authority'>['cas'][number]['certificates'][number]
export type Vendor = Schemas['Vendor']
export type CalendarDay = Schemas['CalendarDay']
export type Report = Schemas['Report']
export type ReportRow = Report['rows'][number]

// Appointments at outlets.
export type AppointmentPage = Schemas['AppointmentPage']
export type Appointment = Schemas['Appointment']
export type CounterAppointment = Schemas['CounterAppointment']
export type CounterPicture = Schemas['CounterPicture']
