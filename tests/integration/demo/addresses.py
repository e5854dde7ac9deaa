"""The addresses of a demo: those of the product and the demo phone."""

from django.urls import include, path

from huifang.config import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
urlpatterns = [path("demo/", include("huifang.demo.urls")), *urls.urlpatterns]
