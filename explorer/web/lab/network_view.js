// Streamlit's side of the network: the script runs again with every change of the data.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const host = parentElement.querySelector(".lab");
  host.view ??= new NetworkView(host);
  host.view.told = (event, value) => setTriggerValue(event, value);
  host.view.show(data);
}
