// SPDX-License-Identifier: Apache-2.0
// The addresses of the hall's pages.
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { onLoggedOut } from '../common/http'
import { useOrder } from './store/order'
import { useSession } from './store/session'
import { useSetup } from './store/setup'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    account?: boolean
    step?: string
  }
}

const step = (path: string, title: string, component: RouteRecordRaw['component']): RouteRecordRaw =>
  ({ path, name: path, component, meta: { title, step: path, account: true } }) as RouteRecordRaw

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./pages/HomePage.vue'), meta: { title: '首页' } },
  { path: '/hall/products/:business?', name: 'product', component: () => import('./pages/ProductPage.vue'), meta: { title: '产品方案' } },
  { path: '/verify', name: 'verify', component: () => import('./pages/VerifyPage.vue'), meta: { title: '签名验证' } },
  { path: '/ocsp/status', name: 'serial', component: () => import('./pages/SerialPage.vue'), meta: { title: '证书状态查询' } },
  { path: '/ocsp/ocspList', name: 'find', component: () => import('./pages/FindPage.vue'), meta: { title: '证书序列号查询' } },
  { path: '/:slug/login', name: 'login', component: () => import('./pages/LoginPage.vue'), meta: { title: '登录' } },
  {
    path: '/:slug/lost-phone',
    name: 'lost-phone',
    component: () => import('./pages/LostPhonePage.vue'),
    meta: { title: '换绑手机号' },
  },
  {
    path: '/:slug/apply',
    name: 'apply',
    component: () => import('./pages/ApplyPage.vue'),
    meta: { title: '业务办理', account: true },
  },
  { path: '/:slug/apply/seal', name: 'seal', component: () => import('./pages/SealPage.vue'), meta: { title: '电子签章', account: true } },
  {
    path: '/:slug/apply/certificate',
    name: 'certificate',
    component: () => import('./pages/CertificatePage.vue'),
    meta: { title: '证书选择', account: true },
  },
  { path: '/:slug/renew', name: 'renew', component: () => import('./pages/RenewPage.vue'), meta: { title: '证书更新' } },
  { path: '/:slug/loss', name: 'loss', component: () => import('./pages/LossPage.vue'), meta: { title: '证书报失' } },
  {
    path: '/hall/key-accounts',
    name: 'key-accounts',
    component: () => import('./pages/KeyAccountsPage.vue'),
    meta: { title: '大客户专区' },
  },
  { path: '/:slug/help', name: 'help', component: () => import('./pages/HelpPage.vue'), meta: { title: '常见问题' } },
  { path: '/:slug/me', name: 'profile', component: () => import('./pages/ProfilePage.vue'), meta: { title: '个人资料', account: true } },
  {
    path: '/:slug/me/edit',
    name: 'profile-edit',
    component: () => import('./pages/ProfilePage.vue'),
    meta: { title: '修改个人资料', account: true },
  },
  {
    path: '/:slug/me/password',
    name: 'password',
    component: () => import('./pages/PasswordPage.vue'),
    meta: { title: '修改密码', account: true },
  },
  {
    path: '/:slug/me/phone',
    name: 'own-phone',
    component: () => import('./pages/OwnPhonePage.vue'),
    meta: { title: '更换手机号', account: true },
  },
  {
    path: '/:slug/me/sessions',
    name: 'sessions',
    component: () => import('./pages/SessionsPage.vue'),
    meta: { title: '登录设备', account: true },
  },
  {
    path: '/:slug/me/messages',
    name: 'messages',
    component: () => import('./pages/MessagesPage.vue'),
    meta: { title: '消息设置', account: true },
  },
  {
    path: '/:slug/me/privacy',
    name: 'privacy',
    component: () => import('./pages/PrivacyPage.vue'),
    meta: { title: '我的授权与数据', account: true },
  },
  {
    path: '/:slug/me/closing',
    name: 'closing',
    component: () => import('./pages/ClosingPage.vue'),
    meta: { title: '注销账号', account: true },
  },
  { path: '/:slug/me/units', name: 'units', component: () => import('./pages/UnitsPage.vue'), meta: { title: '单位证书', account: true } },
  { path: '/:slug/progress', name: 'progress', component: () => import('./pages/ProgressPage.vue'), meta: { title: '业务办理进度' } },
  { path: '/:slug/code', name: 'finance', component: () => import('./pages/FinancePage.vue'), meta: { title: '填写随机码' } },
  {
    path: '/:slug/orders',
    name: 'orders',
    component: () => import('./pages/OrdersPage.vue'),
    meta: { title: '我的业务单', account: true },
  },
  {
    path: '/:slug/orders/:id',
    component: () => import('./pages/OrderLayout.vue'),
    meta: { account: true },
    children: [
      { path: '', name: 'detail', component: () => import('./pages/DetailPage.vue'), meta: { title: '业务单详情', account: true } },
      step('form', '填写信息', () => import('./steps/FormStep.vue')),
      step('print', '打印申请表', () => import('./steps/PrintStep.vue')),
      step('papers', '上传资料', () => import('./steps/PapersStep.vue')),
      step('phone', '手机认证', () => import('./steps/PhoneStep.vue')),
      step('payment', '缴费', () => import('./steps/PaymentStep.vue')),
      step('resubmit', '重新提交', () => import('./steps/ResubmitStep.vue')),
      { path: 'account', name: 'account', component: () => import('./pages/AccountPage.vue'), meta: { title: '单位账户', account: true } },
      { path: 'code', name: 'code', component: () => import('./pages/CodePage.vue'), meta: { title: '填写随机码', account: true } },
      { path: 'legal', name: 'legal', component: () => import('./pages/LegalPage.vue'), meta: { title: '法定代表人认证', account: true } },
      { path: 'result', name: 'result', component: () => import('./pages/ResultPage.vue'), meta: { title: '提交成功', account: true } },
    ],
  },
  { path: '/:slug', redirect: (to) => `/${String(to.params.slug)}/apply` },
  { path: '/:rest(.*)*', name: 'lost', component: () => import('./pages/LostPage.vue'), meta: { title: '页面不存在' } },
]

export const router = createRouter({
  history: createWebHistory('/'),
  routes,
  // A page scrolls by itself to the place that its address names (`at`).
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path || to.query.at ? {} : { top: 0 }),
})

/** `ended`: the log-in has ended while the person was at work, which the page says. */
const loginFor = (slug: string, next: string, ended = false) => ({
  name: 'login',
  params: { slug },
  query: { next, ...(ended && { ended: '1' }) },
})

/** Begins to fetch the code of a page, and the order that it is about, while the session is still on its way. Whoever needs what could
 * not be fetched asks for it again and is told. */
function fetchAhead(to: RouteLocationNormalized, slug: string) {
  const work = to.matched.map(({ components }) => (components?.default as () => Promise<unknown>)())
  if (to.meta.account && to.params.id)
    work.push(
      useOrder()
        .ahead(slug, String(to.params.id))
        .then(({ business }) => useSetup().ensure(slug, business)),
    )
  for (const one of work) one.catch(() => {})
}

router.beforeEach(async (to) => {
  const slug = String(to.params.slug ?? '')
  if (!slug) return true
  const session = useSession()
  if (!session.data) fetchAhead(to, slug)
  await session.ensure(slug)
  // If the session could not be read at all, App.vue offers to try again; the visitor is not sent to log in.
  if (to.meta.account && session.data && !session.data.account) return loginFor(slug, to.fullPath)
  return true
})

router.afterEach((to) => {
  const brand = useSession().brand
  document.title = [to.meta.title, brand?.short_name || brand?.name || '网上营业厅'].filter(Boolean).join(' - ')
})

onLoggedOut(() => {
  const here = router.currentRoute.value
  if (here.name === 'login') return
  useSession().forget()
  void router.push(loginFor(String(here.params.slug ?? 'hall'), here.fullPath, true))
})
