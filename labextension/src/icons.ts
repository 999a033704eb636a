import { LabIcon } from '@jupyterlab/ui-components';

import pipelineSvg from '../style/icons/pipeline.svg';

/** Three stages and what flows between them. */
export const pipelineIcon = new LabIcon({
  name: 'jupyter-zflow:pipeline',
  svgstr: pipelineSvg
});
