// SPDX-License-Identifier: Apache-2.0
// The addresses of the sandbox's pages.
import { createRouter, createWebHistory } from 'vue-router'

export const places = [
  { name: 'tour', path: '/tour', label: '导览', component: () => import('./pages/TourPage.vue') },
  { name: 'papers', path: '/papers', label: '样例资料', component: () => import('./pages/PapersPage.vue') },
  { name: 'inbox', path: '/inbox', label: '短信收件箱', component: () => import('./pages/InboxPage.vue') },
  { name: 'mails', path: '/mails', label: '邮件收件箱', component: () => import('./pages/MailsPage.vue') },
  { name: 'scan', path: '/scan', label: '扫码手机', component: () => import('./pages/ScanPage.vue') },
  { name: 'statement', path: '/statement', label: '单位银行流水', component: () => import('./pages/StatementPage.vue') },
  { name: 'transfer', path: '/transfer', label: '个人网上银行', component: () => import('./pages/TransferPage.vue') },
  { name: 'switches', path: '/switches', label: '模拟开关', component: () => import('./pages/SwitchesPage.vue') },
]

export const router = createRouter({
  history: createWebHistory('/sandbox'),
  routes: [
    { path: '/', redirect: '/tour' },
    ...places.map(({ name, path, component, label }) => ({ name, path, component, meta: { title: label } })),
    { name: 'cashier', path: '/cashier/:pr', component: () => import('./pages/CashierPage.vue'), meta: { title: '收银台' } },
    { path: '/:rest(.*)*', redirect: '/tour' },
  ],
})
router.afterEach((to) => {
  document.title = `${String(to.meta.title ?? '')} - 演示环境（沙箱）`
})
