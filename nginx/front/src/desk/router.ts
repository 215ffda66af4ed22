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
  }
}

/** The staff of the CA itself; producers of an outlet see only its orders. */
const everybody: Role[] = ['reviewer', 'finance', 'producer', 'auditor', 'admin']

export const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [
    { path: '/', redirect: '/orders' },
    { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { title: '登录', open: true } },
    { path: '/keys', name: 'keys', component: () => import('./pages/KeysPage.vue'), meta: { title: '安全密钥', local: true } },
    { path: '/orders', name: 'queue', component: () => import('./pages/QueuePage.vue'), meta: { title: '业务单' } },
    { path: '/orders/:id', name: 'order', component: () => import('./pages/OrderPage.vue'), meta: { title: '业务单详情' } },
    {
      path: '/tray',
      name: 'tray',
      component: () => import('./pages/TrayPage.vue'),
      meta: { title: '待签清单', roles: ['reviewer', 'producer', 'outlet'] },
    },
    {
      path: '/seals',
      name: 'seals',
      component: () => import('./pages/SealsPage.vue'),
      meta: { title: '印章', roles: ['reviewer', 'producer', 'auditor', 'admin'] },
    },
    {
      path: '/audit',
      name: 'audit',
      component: () => import('./pages/AuditPage.vue'),
      meta: { title: '审计记录', roles: ['auditor', 'admin'] },
    },
    {
      path: '/evidence',
      name: 'evidence',
      component: () => import('./pages/EvidencePage.vue'),
      meta: { title: '证据包', roles: ['auditor'] },
    },
    {
      path: '/log-exports',
      name: 'log-exports',
      component: () => import('./pages/LogExportsPage.vue'),
      meta: { title: '日志导出', roles: ['auditor'] },
    },
    {
      path: '/authority',
      name: 'authority',
      component: () => import('./pages/AuthorityPage.vue'),
      meta: { title: '认证中心', roles: ['reviewer', 'auditor', 'admin'] },
    },
    {
      path: '/outbox',
      name: 'outbox',
      component: () => import('./pages/OutboxPage.vue'),
      meta: { title: '待处理任务', roles: ['auditor', 'admin'] },
    },
    {
      path: '/invoices',
      name: 'invoices',
      component: () => import('./pages/InvoicesPage.vue'),
      meta: { title: '发票', roles: ['finance', 'auditor', 'admin'] },
    },
    {
      path: '/bills',
      name: 'bills',
      component: () => import('./pages/BillsPage.vue'),
      meta: { title: '账单核对', roles: ['finance', 'auditor', 'admin'] },
    },
    {
      path: '/money',
      name: 'money',
      component: () => import('./pages/MoneyPage.vue'),
      meta: { title: '款项', roles: ['finance', 'auditor', 'admin'] },
    },
    {
      path: '/money/:id',
      name: 'order-money',
      component: () => import('./pages/OrderMoneyPage.vue'),
      meta: { title: '业务单款项', roles: ['finance', 'auditor'] },
    },
    {
      path: '/payouts',
      name: 'payouts',
      component: () => import('./pages/PayoutsPage.vue'),
      meta: { title: '打款跟进', roles: ['finance', 'auditor', 'admin'] },
    },
    {
      path: '/revocations',
      name: 'revocations',
      component: () => import('./pages/RevocationsPage.vue'),
      meta: { title: '吊销与冻结', roles: everybody },
    },
    {
      path: '/certificates',
      name: 'certificates',
      component: () => import('./pages/CertificatesPage.vue'),
      meta: { title: '证书查询', roles: everybody },
    },
    {
      path: '/vendors',
      name: 'vendors',
      component: () => import('./pages/VendorsPage.vue'),
      meta: { title: '外部服务', roles: ['finance', 'auditor', 'admin'] },
    },
    {
      path: '/reports',
      name: 'reports',
      component: () => import('./pages/ReportsPage.vue'),
      meta: { title: '报表', roles: ['auditor', 'admin'] },
    },
    {
      path: '/partners',
      name: 'partners',
      component: () => import('./pages/PartnersPage.vue'),
      meta: { title: '项目与合作平台', roles: ['auditor', 'admin'] },
    },
    {
      path: '/calendar',
      name: 'calendar',
      component: () => import('./pages/CalendarPage.vue'),
      meta: { title: '工作日历', roles: ['auditor', 'admin'] },
    },
    { path: '/:rest(.*)*', redirect: '/orders' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  if (to.meta.local) return true
  const desk = useDesk()
  await desk.ensure()
  if (!desk.session || to.meta.open) return true
  if (!desk.session.staff) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.roles && !desk.has(...to.meta.roles)) return { name: 'queue' }
  if ((to.name === 'queue' || to.name === 'order') && !desk.works) return { name: 'audit' }
  return true
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
