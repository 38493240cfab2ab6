// The cashier within WeChat: hands the signed order to WeChat, which asks for the payment; what became of it, the shop asks itself.
"use strict";

(() => {
  const order = document.getElementById("wechat-order");
  const button = document.querySelector("[data-wechat-pay]");
  if (!order || !button) return;
  const failed = document.querySelector("[data-pay-failed]");
  const pay = () => {
    button.disabled = true;
    failed.hidden = true;
    window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(order.textContent), (answer) => {
      if (answer.err_msg === "get_brand_wcpay_request:ok") {
        document.querySelector("[data-paid]").click();
        return;
      }
      button.disabled = false;
      // Who closed it again knows that; anything else is said.
      failed.hidden = answer.err_msg === "get_brand_wcpay_request:cancel";
    });
  };
  button.addEventListener("click", () => {
    if (window.WeixinJSBridge) pay();
    else document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
  });
})();
