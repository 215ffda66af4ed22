// SPDX-License-Identifier: Apache-2.0
// Leads a browser that cannot run the pages to one that says so (nginx/site.conf.in). Written for browsers of any age.
if (!String.prototype.replaceAll || !window.fetch) window.location.replace('/old-browser')
