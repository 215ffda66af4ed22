// SPDX-License-Identifier: Apache-2.0
import { createRouter, createWebHistory } from 'vue-router'
import { onLoggedOut } from '../common/http'
import { useDesk } from './session'

declare module 'vue-router' {
  interface RouteMeta { title?: string; open?: boolean; roles?: string[] }
}

export const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [
    { path: '/', redirect: '/orders' },
    { path: '/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { title: '登录', open: true } },
    { path: '/orders', name: 'queue', component: () => import('./pages/QueuePage.vue'), meta: { title: '业务单' } },
    { path: '/orders/:id', name: 'order', component: () => import('./pages/OrderPage.vue'), meta: { title: '业务单详情' } },
    { path: '/audit', name: 'audit', component: () => import('./pages/AuditPage.vue'), meta: { title: '审计记录', roles: ['auditor', 'admin'] } },
    { path: '/outbox', name: 'outbox', component: () => import('./pages/OutboxPage.vue'), meta: { title: '待处理任务', roles: ['auditor', 'admin'] } },
    { path: '/bills', name: 'bills', component: () => import('./pages/BillsPage.vue'), meta: { title: '账单核对', roles: ['finance', 'auditor', 'admin'] } },
    { path: '/vendors', name: 'vendors', component: () => import('./pages/VendorsPage.vue'), meta: { title: '外部服务', roles: ['finance', 'auditor', 'admin'] } },
    { path: '/:rest(.*)*', redirect: '/orders' },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach(async (to) => {
  const desk = useDesk()
  await desk.ensure()
  if (!desk.session || to.meta.open) return true
  if (!desk.session.staff) return { name: 'login', query: { next: to.fullPath } }
  if (to.meta.roles && !desk.has(...to.meta.roles)) return { name: 'queue' }
  if ((to.name === 'queue' || to.name === 'order') && !desk.works) return { name: 'audit' }
  return true
})
router.afterEach((to) => { document.title = `${to.meta.title ?? ''} - 业务办理后台` })

onLoggedOut(() => {
  const here = router.currentRoute.value
  if (here.name === 'login') return
  useDesk().forget()
  void router.push({ name: 'login', query: { next: here.fullPath } })
})
