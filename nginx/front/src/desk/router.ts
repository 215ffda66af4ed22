// SPDX-License-Identifier: Apache-2.0
// The addresses of the back office, with the roles that each page is for.
import { createRouter, createWebHistory } from 'vue-router'
import { onLoggedOut } from '../common/http'
import { useDesk } from './session'
import type { Role } from '../common/api'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    open?: boolean
    /** The page works in the browser alone and asks the server nothing. */
    local?: boolean
    roles?: Role[]
    /** The part of the side navigation that names the page; none: one comes to it from another page. */
    part?: Part
    /** The key that leads to it (keys.ts). */
    key?: string
    /** The page that the side navigation shows as the present one, where this one is not in it. */
    under?: string
  }
}

/** The parts of the side navigation, in its order. */
export const parts = ['业务', '证书与印章', '财务', '监督', '运行'] as const
type Part = (typeof parts)[number]

/** The staff of the CA itself; producers of an outlet see only its orders. */
const everybody: Role[] = ['reviewer', 'finance', 'producer', 'auditor', 'admin']
/** Who works on orders; auditors and administrators only oversee. */
const workers: Role[] = ['reviewer', 'finance', 'producer', 'outlet']

export const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [
    { path: '/', name: 'home', component: () => import('./pages/HomePage.vue'), meta: { title: '工作台', part: '业务', key: 'h' } },
    { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { title: '登录', open: true } },
    { path: '/keys', name: 'keys', component: () => import('./pages/KeysPage.vue'), meta: { title: '安全密钥', local: true } },
    {
      path: '/orders',
      name: 'queue',
      component: () => import('./pages/QueuePage.vue'),
      meta: { title: '业务单', roles: workers, part: '业务', key: 'q' },
    },
    {
      path: '/orders/:id',
      name: 'order',
      component: () => import('./pages/OrderPage.vue'),
      meta: { title: '业务单详情', roles: workers, under: 'queue' },
    },
    {
      path: '/search',
      name: 'search',
      component: () => import('./pages/SearchPage.vue'),
      meta: { title: '查找业务单', roles: workers, under: 'queue' },
    },
    {
      path: '/tray',
      name: 'tray',
      component: () => import('./pages/TrayPage.vue'),
      meta: { title: '待签清单', roles: ['reviewer', 'producer', 'outlet'], part: '业务', key: 't' },
    },
    {
      path: '/counter',
      name: 'counter',
      component: () => import('./pages/CounterPage.vue'),
      meta: { title: '到店核验', roles: ['outlet'], part: '业务' },
    },
    {
      path: '/counter/:id',
      name: 'counter-visit',
      component: () => import('./pages/CounterVisitPage.vue'),
      meta: { title: '到店核验', roles: ['outlet'], under: 'counter' },
    },
    {
      path: '/seals',
      name: 'seals',
      component: () => import('./pages/SealsPage.vue'),
      meta: { title: '印章', roles: ['reviewer', 'producer', 'auditor', 'admin'], part: '证书与印章' },
    },
    {
      path: '/audit',
      name: 'audit',
      component: () => import('./pages/AuditPage.vue'),
      meta: { title: '审计记录', roles: ['auditor', 'admin'], part: '监督' },
    },
    {
      path: '/evidence',
      name: 'evidence',
      component: () => import('./pages/EvidencePage.vue'),
      meta: { title: '证据包', roles: ['auditor'], part: '监督' },
    },
    {
      path: '/log-exports',
      name: 'log-exports',
      component: () => import('./pages/LogExportsPage.vue'),
      meta: { title: '日志导出', roles: ['auditor'], part: '监督' },
    },
    {
      path: '/authority',
      name: 'authority',
      component: () => import('./pages/AuthorityPage.vue'),
      meta: { title: '认证中心', roles: ['reviewer', 'auditor', 'admin'], part: '证书与印章' },
    },
    {
      path: '/outbox',
      name: 'outbox',
      component: () => import('./pages/OutboxPage.vue'),
      meta: { title: '待处理任务', roles: ['auditor', 'admin'], part: '运行' },
    },
    {
      path: '/invoices',
      name: 'invoices',
      component: () => import('./pages/InvoicesPage.vue'),
      meta: { title: '发票', roles: ['finance', 'auditor', 'admin'], part: '财务' },
    },
    {
      path: '/bills',
      name: 'bills',
      component: () => import('./pages/BillsPage.vue'),
      meta: { title: '账单核对', roles: ['finance', 'auditor', 'admin'], part: '财务' },
    },
    {
      path: '/money',
      name: 'money',
      component: () => import('./pages/MoneyPage.vue'),
      meta: { title: '款项', roles: ['finance', 'auditor', 'admin'], part: '财务' },
    },
    {
      path: '/money/:id',
      name: 'order-money',
      component: () => import('./pages/OrderMoneyPage.vue'),
      meta: { title: '业务单款项', roles: ['finance', 'auditor'], under: 'money' },
    },
    {
      path: '/payouts',
      name: 'payouts',
      component: () => import('./pages/PayoutsPage.vue'),
      meta: { title: '打款跟进', roles: ['finance', 'auditor', 'admin'], part: '财务' },
    },
    {
      path: '/entries',
      name: 'entries',
      component: () => import('./pages/EntriesPage.vue'),
      meta: { title: '认证转账', roles: ['finance', 'auditor'], part: '财务' },
    },
    {
      path: '/revocations',
      name: 'revocations',
      component: () => import('./pages/RevocationsPage.vue'),
      meta: { title: '吊销与冻结', roles: everybody, part: '证书与印章' },
    },
    {
      path: '/certificates',
      name: 'certificates',
      component: () => import('./pages/CertificatesPage.vue'),
      meta: { title: '证书查询', roles: everybody, part: '证书与印章' },
    },
    {
      path: '/vendors',
      name: 'vendors',
      component: () => import('./pages/VendorsPage.vue'),
      meta: { title: '外部服务', roles: ['finance', 'auditor', 'admin'], part: '运行' },
    },
    {
      path: '/reports',
      name: 'reports',
      component: () => import('./pages/ReportsPage.vue'),
      meta: { title: '报表', roles: ['auditor', 'admin'], part: '监督' },
    },
    {
      path: '/partners',
      name: 'partners',
      component: () => import('./pages/PartnersPage.vue'),
      meta: { title: '项目与合作平台', roles: ['auditor', 'admin'], part: '运行' },
    },
    {
      path: '/calendar',
      name: 'calendar',
      component: () => import('./pages/CalendarPage.vue'),
      meta: { title: '工作日历', roles: ['auditor', 'admin'], part: '运行' },
    },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (to.meta.local) return true
  const desk = useDesk()
  await desk.ensure()
  if (!desk.session || to.meta.open) return true
  if (!desk.session.staff) return { name: 'login', query: { next: to.fullPath } }
  return !to.meta.roles || desk.has(...to.meta.roles) || { name: 'home' }
})
router.afterEach((to) => {
  document.title = `${to.meta.title ?? ''} - 业务办理后台`
})

onLoggedOut(() => {
  const here = router.currentRoute.value
  if (here.name === 'login') return
  useDesk().forget()
  void router.push({ name: 'login', query: { next: here.fullPath } })
})
