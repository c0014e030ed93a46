"""YOLOv5-seg, size l: the network, its losses and its reading stand in the files named `_yolov5_`."""

from engine.models._yolov5_detector import yolov5_family

FAMILY = yolov5_family("l")
